use std::time::Duration;

use owf_runtime::prelude::*;

#[durable]
async fn helper(n: u32) -> u32 {
    n
}

#[workflow]
async fn awaits(n: u32) -> WorkflowResult<u32> {
    step!("sleeps", sleep("nap", Duration::from_secs(1)).await).await?;
    let value = step!("helps", helper(n).await).await?;
    Ok(value)
}

fn main() {}
