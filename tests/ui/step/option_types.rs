use owf_runtime::prelude::*;

struct Order;

#[workflow]
async fn options(n: u32) -> WorkflowResult<()> {
    let seconds = 30;
    step!("timeout", timeout = seconds, n).await?;
    step!("backoff", backoff = seconds, n).await?;
    step!("input", input = &Order, n).await?;
    Ok(())
}

fn main() {}
