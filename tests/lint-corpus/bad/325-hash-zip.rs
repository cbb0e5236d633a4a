// hazard: hash-order - hash zip
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(input, 1)].into();
    let v: Vec<_> = [1, 2].into_iter().zip(m.values()).collect(); //~ hash-order
    Ok(v.len() as u32)
}

fn main() {}
