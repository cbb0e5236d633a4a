use owf_runtime::prelude::*;

fn charge(cents: u64) -> u64 {
    cents
}

#[workflow]
async fn empty() -> WorkflowResult<()> {
    step!().await?;
    Ok(())
}

#[workflow]
async fn no_body() -> WorkflowResult<()> {
    step!("charge").await?;
    step!("charge", retries = 3).await?;
    Ok(())
}

#[workflow]
async fn no_id(cents: u64) -> WorkflowResult<()> {
    step!(charge(cents)).await?;
    step!({ charge(cents) }).await?;
    step!(retries = 3, charge(cents)).await?;
    Ok(())
}

#[workflow]
async fn after_the_body(cents: u64) -> WorkflowResult<()> {
    step!("charge", charge(cents), retries = 3).await?;
    step!("charge-2", charge(cents), charge(cents)).await?;
    Ok(())
}

#[workflow]
async fn no_expression() -> WorkflowResult<()> {
    step!("charge", let x = 1).await?;
    Ok(())
}

fn main() {
    let _ = (empty, no_body, no_id, after_the_body, no_expression);
}
