// hazard: place - step! in Iterator::map closure
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let all: Vec<_> = (0..input).map(|i| step!(format!("s-{i}"), i)).collect(); //~ place
    Ok(all.len() as u32)
}

fn main() {}
