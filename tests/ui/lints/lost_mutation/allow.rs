//! `owf::lost_mutation`: copies that nobody reads any more, and what is allowed with a reason.

use owf_runtime::prelude::*;

#[workflow(allow(lost_mutation, reason = "the copy is a scratch value"))]
async fn add(parts: Vec<u32>) -> WorkflowResult<u32> {
    let mut total = 0;
    for mut part in parts {
        total += step!("part", async move {
            part += 1;
            part
        })
        .await?;
    }
    let mut copy = total;
    let sum = step!("sum", async move {
        copy += 1;
        copy
    })
    .await?;
    Ok(sum + copy)
}

fn main() {}
