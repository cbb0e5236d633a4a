// hazard: place - steps put into a Vec and forgotten
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut open = Vec::new();
    for i in 0..input { open.push(step!(format!("s-{i}"), async move { i })); } //~ place
    Ok(input)
}

fn main() {}
