//! Operands that are awaited already.

use std::time::Duration;

use owf_runtime::prelude::*;

#[workflow]
async fn joins(n: u32) -> WorkflowResult<u32> {
    let (a, b) = join!(step!("a", n).await?, step!("b", n).await?);
    Ok(a + b)
}

#[workflow]
async fn races(n: u32) -> WorkflowResult<u32> {
    let first = race! {
        a = step!("a", n).await => a?,
        _ = sleep("late", Duration::from_secs(1)).await? => 0,
    };
    Ok(first)
}

fn main() {}
