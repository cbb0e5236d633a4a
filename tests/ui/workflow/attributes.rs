use owf_runtime::prelude::*;

#[workflow]
#[tracing::instrument]
async fn traced(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", n).await?)
}

fn main() {
    let _ = traced;
}
