//! The workflow that the examples `basic` and `checkpoint` share: only the driver differs.

use owf_runtime::prelude::*;

/// Greets somebody, loudly.
#[workflow]
pub async fn greet(name: String) -> WorkflowResult<String> {
    println!("→ Starting workflow");
    let upper = step!("uppercase", {
        println!("→ Running step: uppercase");
        name.to_uppercase()
    })
    .await?;
    let greeting = step!("create-greeting", {
        println!("→ Running step: create-greeting");
        format!("Hello, {upper}!")
    })
    .await?;
    Ok(greeting)
}
