// hazard: place - a closure that makes a step is called and dropped
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let charge = |n: u32| step!("charge", async move { n });
    charge(input); //~ place
    Ok(input)
}

fn main() {}
