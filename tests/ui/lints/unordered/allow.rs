//! `owf::unordered`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

async fn fetch(from: &str) -> u32 {
    from.len() as u32
}

#[workflow]
async fn first(name: String) -> WorkflowResult<u32> {
    let winner = race! {
        a = step!("a", fetch(&name).await) => a?,
        b = step!("b", tokio::select! { b = fetch("b") => b, c = fetch("c") => c }) => b?,
    };
    let (a, b) = join!(step!("c", fetch("a").await), step!("d", fetch("b").await)).await;
    #[owf::allow(unordered, reason = "both are ready at once, and touch nothing")]
    let (c, d) = tokio::join!(fetch("a"), fetch("b"));
    Ok(winner + a? + b? + c + d)
}

fn main() {}
