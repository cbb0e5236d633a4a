//! What is wrong with a step as a whole is shown on the whole, so that what rustc suggests can be taken.

use owf_runtime::prelude::*;

#[workflow]
async fn forgotten_ok(n: u32) -> WorkflowResult<u32> {
    step!("add", n + 1).await?
}

#[workflow]
async fn forgotten_ok_of_a_block(n: u32) -> WorkflowResult<u32> {
    step!("add", {
        let sum = n + 1;
        sum
    })
    .await?
}

#[workflow]
async fn other_type(n: u32) -> WorkflowResult<String> {
    let text: String = step!("add", n + 1).await?;
    if step!("double", n * 2).await? {
        return Ok(text);
    }
    Ok(text)
}

fn main() {}
