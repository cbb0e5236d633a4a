// trap: loop with own ids
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut n = 0;
    for i in 0..input {
        n += step!(format!("s-{i}"), i * 2).await?;
    }
    Ok(n)
}

fn main() {}
