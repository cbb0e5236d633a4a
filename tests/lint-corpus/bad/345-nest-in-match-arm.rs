// hazard: nest - nest in match arm
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = step!("outer", {
        match input {
            0 => 0,
            _ => step!("inner", 1u32).await?, //~ nest
        }
    }).await?;
    Ok(n)
}

fn main() {}
