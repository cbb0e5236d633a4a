use owf_runtime::prelude::*;

#[derive(Debug)]
struct NoError;

fn fails() -> Result<u32, NoError> {
    Err(NoError)
}

#[workflow]
async fn asks(n: u32) -> WorkflowResult<u32> {
    let some = step!("option", Some(n)?).await?;
    let inner = step!("within", { let value = Some(n)?; value + 1 }).await?;
    let tail = step!("tail", fails()?).await?;
    let value = step!("value", fails()).await?;
    Ok(some + inner + tail + value)
}

fn main() {}
