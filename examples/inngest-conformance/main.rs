//! The functions that the server's own conformance command expects: `inngest alpha conformance run`.
//!
//! Configured by `PORT` (a number, or an address), `INNGEST_EVENT_KEY`, `INNGEST_SIGNING_KEY` and `INNGEST_DEV`.

mod functions;

use owf_runtime::inngest::{CancelOn, InngestDriver, InngestFunction, Notation};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cancel = CancelOn::new("cancel/please").when("async.data.request_id == event.data.request_id");
    let driver = InngestDriver::new("conformance-rust")
        // What the command compares with.
        .notation(Notation::Specification)
        .function(functions::simple)
        .function(functions::steps)
        .function(functions::retry)
        .function(InngestFunction::new(functions::cancelled).cancel_on(cancel))
        .function(functions::wait);
    let app = axum::Router::<()>::new()
        .nest("/api/inngest", driver.router())
        .route("/health", axum::routing::get(async || "ok"));
    let listener = tokio::net::TcpListener::bind(address()).await?;
    println!("Serving http://{}/api/inngest", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

fn address() -> String {
    let port = std::env::var("PORT").ok().filter(|port| !port.is_empty());
    match port {
        Some(port) if port.contains(':') => port,
        Some(port) => format!("127.0.0.1:{port}"),
        None => "127.0.0.1:3000".to_owned(),
    }
}
