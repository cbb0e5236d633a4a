use owf_runtime::prelude::*;

#[workflow]
async fn count_down(n: u32) -> WorkflowResult<u32> {
    if n == 0 {
        return Ok(0);
    }
    Ok(count_down(n - 1).await? + 1)
}

#[workflow]
async fn greet() -> WorkflowResult<String> {
    Ok("hello".to_owned())
}

#[workflow]
async fn calls() -> WorkflowResult<String> {
    let greeting = greet().await?;
    println!("{greeting}");
    greet().await
}

#[durable]
async fn helper(n: u32) -> Result<u32, StepError> {
    Ok(count_down(n).await? + 1)
}

fn main() {}
