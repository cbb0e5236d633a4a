use owf_runtime::prelude::*;

#[workflow]
async fn ids(n: u32) -> WorkflowResult<()> {
    step!(n, n).await?;
    step!(Some("charge"), n).await?;
    Ok(())
}

fn main() {}
