//! `owf::tasks`: what is allowed with a reason, or anyway.

use tokio::spawn as start;

use owf_runtime::prelude::*;

async fn mail(to: String) {
    println!("{to}");
}

fn spawn(level: u32) -> u32 {
    level * 10
}

#[workflow]
async fn welcome(user: String) -> WorkflowResult<u32> {
    #[owf::allow(tasks, reason = "warms a cache, and may be lost or done again")]
    start(mail(user.clone()));
    step!("mail", start(mail(user.clone())).await?).await?;
    Ok(spawn(3))
}

fn main() {}
