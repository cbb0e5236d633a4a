// trap: an Option of a step, awaited in if let
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let extra = (input > 3).then(|| step!("extra", input));
    let n = match extra { Some(s) => s.await?, None => 0 };
    Ok(n)
}

fn main() {}
