// hazard: place - if let binds a step that nobody awaits
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    if let _s = step!("charge", input + 1) { //~ place
        return Ok(1);
    }
    Ok(input)
}

fn main() {}
