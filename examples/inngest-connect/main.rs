//! The workflow of the basic example behind an Inngest server that need not reach this process: it connects to the server.
//!
//! `npx inngest-cli@latest dev`, and beside it `INNGEST_DEV=1 cargo run --features inngest-connect --example inngest-connect -- Alice`.

#[path = "../basic/workflow.rs"]
mod workflow;

use owf_runtime::inngest::{InngestDriver, InngestFunction};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let greet = InngestFunction::new(workflow::greet).event("user.joined");
    let driver = InngestDriver::new("greetings").function(greet);
    let client = driver.client();
    let worker = driver.connect().start().await?;
    println!("Connected. Ctrl-C ends it, when what runs is done.");
    if let Some(name) = std::env::args().nth(1) {
        let event = client.start(workflow::greet, name).await?;
        println!("Sent event {event}");
    }
    tokio::signal::ctrl_c().await?;
    worker.shut_down().await;
    Ok(())
}
