//! `owf::unordered`: what it finds.

use owf_runtime::prelude::*;

async fn fetch(from: &str) -> u32 {
    from.len() as u32
}

#[workflow]
async fn first(name: String) -> WorkflowResult<u32> {
    let winner = tokio::select! {
        a = fetch(&name) => a,
        b = fetch("b") => b,
    };
    let (a, b) = tokio::join!(fetch("a"), fetch("b"));
    Ok(winner + a + b)
}

fn main() {}
