// hazard: place - a match binds a step that is not awaited
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    match step!("charge", input + 1) { //~ place
        _later => {}
    }
    Ok(input)
}

fn main() {}
