//! Continuous execution: the workflow runs once, from its start to its end.

mod workflow;

use owf_runtime::prelude::*;

#[tokio::main]
async fn main() -> Result<(), RunError> {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let greeting = client.invoke(workflow::greet, "Alice".to_owned()).await?;
    println!("Result: {greeting}");
    Ok(())
}
