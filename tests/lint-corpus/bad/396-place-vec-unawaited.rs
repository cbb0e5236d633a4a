// hazard: place - steps in a let tuple, one is not awaited
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let (a, b) = (step!("a", { 1u32 }).await?, step!("b", { 2u32 })); //~ place
    Ok(a + input)
}

fn main() {}
