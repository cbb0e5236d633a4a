use owf_runtime::prelude::*;

#[workflow]
async fn wrong_tail(n: u32) -> WorkflowResult<u32> {
    let text = step!("text", n.to_string()).await?;
    Ok(text)
}

#[workflow]
async fn wrong_return(n: u32) -> u32 {
    if n > 1 {
        return "text";
    }
    n
}

#[workflow]
async fn no_tail(n: u32) -> WorkflowResult<u32> {
    step!("text", n).await?;
}

fn main() {}
