use owf_runtime::prelude::*;

async fn refund(receipt: u32) -> std::io::Result<()> {
    drop(receipt);
    Ok(())
}

#[workflow]
async fn colon(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", retries: 5, n + 1).await?)
}

#[workflow]
async fn parentheses(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", retries(5), n + 1).await?)
}

#[workflow]
async fn no_comma(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a" n + 1).await?)
}

#[workflow]
async fn arrow(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a" => n + 1).await?)
}

#[workflow]
async fn no_comma_after_an_option(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", retries = 5 { n + 1 }).await?)
}

#[workflow]
async fn statements(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", let x = n + 1; x).await?)
}

#[workflow]
async fn undo_without_name(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", n + 1, |receipt| refund(receipt).await?).await?)
}

#[workflow]
async fn undo_of_another_name(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", n + 1, compensate = |receipt| refund(receipt).await?).await?)
}

#[workflow]
async fn no_option(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", n + 1, priority = 3).await?)
}

fn main() {}
