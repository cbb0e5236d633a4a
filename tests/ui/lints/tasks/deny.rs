//! `owf::tasks`: what it finds.

use tokio::spawn as start;

use owf_runtime::prelude::*;

async fn mail(to: String) {
    println!("{to}");
}

#[workflow]
async fn welcome(user: String) -> WorkflowResult<()> {
    start(mail(user.clone()));
    let handle = tokio::task::spawn_blocking(move || println!("{user}"));
    drop(handle);
    Ok(())
}

fn main() {}
