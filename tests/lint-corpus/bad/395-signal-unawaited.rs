// hazard: place - wait_for_signal is never awaited
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let approval = wait_for_signal::<u32>("approval", "approved"); //~ place
    Ok(input)
}

fn main() {}
