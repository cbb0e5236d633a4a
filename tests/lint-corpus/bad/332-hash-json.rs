// hazard: hash-order - hash json
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let s = serde_json::to_string(&m).unwrap_or_default(); //~ hash-order
    Ok(s.len() as u32)
}

fn main() {}
