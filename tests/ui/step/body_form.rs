use owf_runtime::prelude::*;

#[workflow]
async fn closures(n: u32) -> WorkflowResult<()> {
    step!("sync", || n + 1).await?;
    step!("async", async || n + 1).await?;
    step!("move", move || async move { n + 1 }).await?;
    Ok(())
}

fn main() {
    let _ = closures;
}
