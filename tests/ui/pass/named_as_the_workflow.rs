//! A variable may have the workflow's name.

use owf_runtime::prelude::*;

#[workflow]
async fn charge(charge: u32) -> WorkflowResult<u32> {
    Ok(charge)
}

#[workflow]
async fn total(n: u32) -> WorkflowResult<u32> {
    let total = step!("total", n + 1).await?;
    Ok(total)
}

fn main() {
    let _ = (charge, total);
}
