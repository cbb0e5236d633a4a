// trap: max loop over map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut best = 0u32;
    for (_, v) in &m {
        best = best.max(*v);
    }
    Ok(best)
}

fn main() {}
