//! `owf::nested_step`: it can't be allowed.

use owf_runtime::prelude::*;

#[workflow]
async fn outer(value: u32) -> WorkflowResult<u32> {
    let sum = step!("outer", {
        let inner = step!("inner", value + 1).await?;
        inner + 1
    })
    .await?;
    Ok(sum)
}

#[workflow(allow(nested_step, reason = "no"))]
async fn allowed(value: u32) -> WorkflowResult<u32> {
    Ok(value)
}

fn main() {}
