//! Onboarding over ten days: in virtual time by default, with days of half a second by `cargo run --example onboarding real`.

mod workflow;

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::testing::{TestKit, run_test};
use workflow::{NewUser, onboard};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn user(name: &str, day: Duration) -> NewUser {
    NewUser { name: name.to_owned(), day }
}

/// Ten days that take no time.
async fn virtual_time(kit: TestKit) -> Result<(), RunError> {
    let ada = kit.start(onboard, user("Ada", DAY)).id("onboard-ada").await?;
    kit.at(DAY).signal(&ada, "profile completed", "likes engines");
    kit.at(5 * DAY).signal(&ada, "approved", "Grace");
    let account = ada.result().await?;
    println!(
        "{} was approved by {} after {} days",
        account.name,
        account.approved_by,
        kit.elapsed().as_secs() / 86_400
    );

    let bob = kit.start(onboard, user("Bob", DAY)).id("onboard-bob").await?;
    let error = bob.result().await.expect_err("nobody approves of Bob");
    println!("{error}, {} days after the beginning", kit.elapsed().as_secs() / 86_400);
    Ok(())
}

/// Days of half a second.
async fn real_time() -> Result<(), RunError> {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let run = client.start(onboard, user("Ada", DAY / 172_800)).id("onboard-ada").await?;
    tokio::time::sleep(DAY / 86_400).await;
    println!("  {}", run.details::<String>().await?.unwrap_or_default());
    client.signal("onboard-ada", "approved", "Grace").await?;
    let account = run.result().await?;
    println!("{} was approved by {}", account.name, account.approved_by);
    Ok(())
}

fn main() -> Result<(), RunError> {
    if std::env::args().any(|argument| argument == "real") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
        return runtime.block_on(real_time());
    }
    run_test(virtual_time)
}
