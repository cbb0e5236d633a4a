// hazard: place - (a, _) = (step, step)
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let (a, _) = (step!("a", input), step!("b", input)); //~ place
    Ok(a.await?)
}

fn main() {}
