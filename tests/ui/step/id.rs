use owf_runtime::prelude::*;

#[workflow]
async fn ids(n: u32) -> WorkflowResult<()> {
    step!("", n).await?;
    step!(" ", n).await?;
    step!(42, n).await?;
    Ok(())
}

fn main() {
    let _ = ids;
}
