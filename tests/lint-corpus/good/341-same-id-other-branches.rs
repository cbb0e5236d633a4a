// trap: same id other branches
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = if input > 1 { step!("a", 1u32).await? } else { step!("b", 2u32).await? };
    Ok(n)
}

fn main() {}
