// trap: durable helper
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
#[durable]
async fn twice(n: u32) -> Result<u32, StepError> {
    step!("twice", n * 2).await
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = twice(input).await?;
    Ok(n)
}

fn main() {}
