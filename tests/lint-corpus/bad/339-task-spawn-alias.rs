// hazard: task - task spawn alias
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use tokio::spawn as launch;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let h = launch(async { 1u32 }); //~ task
    let _ = h;
    Ok(input)
}

fn main() {}
