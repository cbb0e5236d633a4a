// trap: own now
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn now(n: u32) -> u32 {
    n
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(now(input))
}

fn main() {}
