//! The workflow of the basic example behind an Inngest server.
//!
//! `INNGEST_DEV=1 cargo run --features inngest --example inngest`, and beside it
//! `npx inngest-cli@latest dev -u http://localhost:3000/api/inngest`.

#[path = "../basic/workflow.rs"]
mod workflow;

use owf_runtime::inngest::{InngestDriver, InngestFunction};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The workflow says nothing of events, so that is said here. `#[workflow(event = "user.joined")]` would do as well.
    let greet = InngestFunction::new(workflow::greet).event("user.joined");
    let driver = InngestDriver::new("greetings").function(greet);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port())).await?;
    let address = format!("http://localhost:{}/api/inngest", listener.local_addr()?.port());
    println!("Serving {address}");
    let client = driver.client();
    if let Some(name) = std::env::args().nth(1) {
        // The server learns of this app by itself; but an event that is sent before it has would start nothing.
        driver.register(&address).await?;
        let event = client.start(workflow::greet, name).await?;
        println!("Sent event {event}");
    }
    let app = axum::Router::<()>::new().nest("/api/inngest", driver.router());
    axum::serve(listener, app).await?;
    Ok(())
}

fn port() -> u16 {
    std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000)
}
