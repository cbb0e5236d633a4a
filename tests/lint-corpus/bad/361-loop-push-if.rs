// hazard: hash-order - loop push if
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut list = Vec::new();
    for (k, v) in &m { //~ hash-order
        if *v > 0 {
            list.push(*k);
        }
    }
    Ok(list[0])
}

fn main() {}
