// hazard: place - steps in a list are looped over without await
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let steps: Vec<_> = (0..input).map(|i| step!(format!("s-{i}"), async move { i })).collect(); //~ place
    let mut n = 0;
    for _s in steps { n += 1; } //~? also
    Ok(n)
}

fn main() {}
