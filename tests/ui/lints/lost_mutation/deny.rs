//! `owf::lost_mutation`: what it finds.

use owf_runtime::prelude::*;

#[workflow]
async fn add(parts: Vec<u32>) -> WorkflowResult<u32> {
    let mut total = 0;
    step!("first", {
        total += parts.len() as u32;
    })
    .await?;
    let mut copy = total;
    step!("second", async move {
        copy += 1;
        copy
    })
    .await?;
    Ok(total + copy)
}

fn main() {}
