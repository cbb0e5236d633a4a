// trap: const fn and lazy const
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
const fn limit() -> u32 {
    7
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    const MAX: u32 = limit();
    Ok(input.min(MAX))
}

fn main() {}
