// trap: own random fn
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn random() -> u32 {
    4
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + random())
}

fn main() {}
