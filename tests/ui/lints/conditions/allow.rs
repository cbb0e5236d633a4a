//! What a `cfg` leaves out is left alone.

use owf_runtime::prelude::*;

#[cfg(any())]
fn region() -> String {
    std::env::var("REGION").unwrap_or_default()
}

#[cfg(not(any()))]
fn region() -> String {
    String::from("eu")
}

#[workflow]
async fn run(name: String) -> WorkflowResult<String> {
    #[cfg(any())]
    let name = format!("{name}-{}", std::process::id());
    Ok(name + &region())
}

fn main() {}
