//! The onboarding example, tested as its users would: with the test kit alone.

#[path = "../examples/onboarding/workflow.rs"]
mod workflow;

use std::time::Duration;

use owf_runtime::RunError;
use owf_runtime::testing::TestKit;
use workflow::{Account, NewUser, onboard};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn ada() -> NewUser {
    NewUser { name: "Ada".to_owned(), day: DAY }
}

/// No test creates an account, or sends a mail.
fn mock_all(kit: &TestKit) {
    kit.mock("create account").with("account-7");
    kit.mock("welcome mail").with(());
}

#[owf_runtime::test]
async fn who_completes_the_profile_gets_no_follow_up(kit: TestKit) -> Result<(), RunError> {
    mock_all(&kit);
    kit.mock("ready mail").with(());
    let run = kit.start(onboard, ada()).await?;
    kit.at(DAY).signal(&run, "profile completed", "likes engines");
    kit.at(5 * DAY).signal(&run, "approved", "Grace");
    assert_eq!(run.result().await?, Account { name: "Ada".to_owned(), approved_by: "Grace".to_owned() });
    kit.assert_steps(&run, ["create account", "welcome mail", "ready mail"]);
    assert_eq!(kit.elapsed(), 5 * DAY);
    Ok(())
}

#[owf_runtime::test]
async fn who_does_not_is_reminded_after_three_days(kit: TestKit) -> Result<(), RunError> {
    mock_all(&kit);
    kit.mock("follow-up mail").attempt(1).fail_with("the mail server is down").attempt(2).with(());
    kit.mock("ready mail").with(());
    let run = kit.start(onboard, ada()).await?;
    kit.advance(2 * DAY).await;
    assert_eq!(run.details::<String>().await?.as_deref(), Some("waits for the profile"));
    kit.at(4 * DAY).signal(&run, "approved", "Grace");
    run.result().await?;
    kit.assert_steps(&run, ["create account", "welcome mail", "follow-up mail", "ready mail"]);
    Ok(())
}

#[owf_runtime::test]
async fn without_approval_the_account_is_deleted_again(kit: TestKit) -> Result<(), RunError> {
    mock_all(&kit);
    kit.mock("follow-up mail").with(());
    kit.mock("create account:undo").with(());
    let run = kit.start(onboard, ada()).await?;
    let error = run.result().await.expect_err("nobody approves");
    assert!(error.to_string().ends_with("nobody approved account-7"), "{error}");
    kit.assert_steps(&run, ["create account", "welcome mail", "follow-up mail", "create account:undo"]);
    assert_eq!(kit.elapsed(), 10 * DAY);
    Ok(())
}

#[owf_runtime::test]
async fn a_cancellation_deletes_the_account_at_once(kit: TestKit) -> Result<(), RunError> {
    mock_all(&kit);
    kit.mock("create account:undo").with(());
    let run = kit.start(onboard, ada()).await?;
    kit.at(DAY).cancel(&run, "changed her mind");
    run.result().await.expect_err("it is cancelled");
    assert_eq!(kit.elapsed(), DAY);
    Ok(())
}
