// trap: local spawn closure
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let spawn = |n: u32| n + 1;
    Ok(spawn(input))
}

fn main() {}
