use owf_runtime::prelude::*;

async fn fetch(n: u32) -> std::io::Result<u32> {
    Ok(n)
}

#[workflow]
async fn closures(n: u32) -> WorkflowResult<()> {
    step!("sync", || n + 1).await?;
    step!("async", async || n + 1).await?;
    step!("move", move || async move { n + 1 }).await?;
    step!("fetch", || async move { fetch(n).await }).await?;
    step!("options", retries = 2, || async move { fetch(n).await }).await?;
    Ok(())
}

fn main() {
    let _ = closures;
}
