// trap: shadowed std name
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let std = input;
    let time = std + 1;
    Ok(time)
}

fn main() {}
