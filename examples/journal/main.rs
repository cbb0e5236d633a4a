//! A driver of one's own: what a run records goes to a file, and a later process finds it there.

mod driver;

use driver::JournalDriver;
use owf_runtime::prelude::*;

#[workflow]
async fn onboard(user: String) -> WorkflowResult<String> {
    println!("→ Starting workflow");
    let account = step!("create-account", {
        println!("→ Running step: create-account");
        format!("{user}@example.com")
    })
    .await?;
    let welcome = step!("send-welcome", {
        println!("→ Running step: send-welcome");
        format!("Welcome, {account}!")
    })
    .await?;
    Ok(welcome)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("owf-journal-{}", std::process::id()));
    std::fs::create_dir(&folder)?;

    // A client of its own for each, as in two processes: the second one finds both steps in the journal.
    for _ in 0..2 {
        let client = WorkflowClient::new(JournalDriver(folder.clone()));
        let run = client.start(onboard, "alice".to_owned()).id("onboard-alice").await?;
        println!("Result: {}", run.result().await?);
    }

    println!("The journal:");
    print!("{}", std::fs::read_to_string(folder.join("onboard-alice"))?);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
