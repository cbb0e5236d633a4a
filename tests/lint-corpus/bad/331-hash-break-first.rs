// hazard: hash-order - hash break first
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let first = loop {
        break m.iter().next().map(|(k, _)| *k); //~ hash-order
    };
    Ok(first.unwrap_or(0))
}

fn main() {}
