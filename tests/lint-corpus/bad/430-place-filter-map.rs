// hazard: place - a step in and_then
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = Some(input).map(|n| step!("a", n)); //~ place
    Ok(input)
}

fn main() {}
