//! Checkpoint and re-entry: the same workflow, entered again after each step.

#[path = "../basic/workflow.rs"]
mod workflow;

use owf_runtime::prelude::*;

#[tokio::main]
async fn main() -> Result<(), RunError> {
    let client = WorkflowClient::new(CheckpointInMemoryDriver::new());
    let greeting = client.invoke(workflow::greet, "Alice".to_owned()).await?;
    println!("Result: {greeting}");
    Ok(())
}
