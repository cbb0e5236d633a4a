// trap: channel variable
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let channel = input;
    let sleep = channel + 1;
    Ok(sleep)
}

fn main() {}
