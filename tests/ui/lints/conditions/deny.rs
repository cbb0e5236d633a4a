//! What a `cfg` leaves in is found.

use owf_runtime::prelude::*;

#[cfg(not(any()))]
fn region() -> String {
    std::env::var("REGION").unwrap_or_default()
}

#[cfg(any())]
fn region() -> String {
    String::from("eu")
}

#[workflow]
async fn run(name: String) -> WorkflowResult<String> {
    #[cfg(all())]
    let name = format!("{name}-{}", std::process::id());
    Ok(name + &region())
}

fn main() {}
