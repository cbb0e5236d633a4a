// hazard: hash-order - hash keys first
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<u32, u32> = [(1, input)].into();
    let k = m.keys().next().copied(); //~ hash-order
    Ok(k.unwrap_or(0))
}

fn main() {}
