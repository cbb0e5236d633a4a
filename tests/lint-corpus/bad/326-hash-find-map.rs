// hazard: hash-order - hash find map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(input, 1)].into();
    let v = m.iter().find(|(_, v)| **v > 0).map(|(k, _)| *k); //~ hash-order
    Ok(v.unwrap_or(0))
}

fn main() {}
