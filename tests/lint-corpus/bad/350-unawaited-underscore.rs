// hazard: place - unawaited underscore
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let _ = step!("never", input); //~ place
    Ok(input)
}

fn main() {}
