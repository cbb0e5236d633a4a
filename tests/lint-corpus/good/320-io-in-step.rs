// trap: io in step
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = step!("read", std::fs::read_to_string("a").map_or(0, |t| t.len() as u32)).await?;
    Ok(input + n)
}

fn main() {}
