use std::time::Duration;

use owf_runtime::prelude::*;

#[workflow]
async fn options(n: u32) -> WorkflowResult<()> {
    step!("unknown", retry = 3, n).await?;
    step!("twice", retries = 3, retries = 4, n).await?;
    step!("typed", retries = "3", timeout = 30, backoff = "1s", n).await?;
    step!("fine", backoff = Duration::from_secs(1), timeout = Duration::from_secs(30), n).await?;
    Ok(())
}

fn main() {
    let _ = options;
}
