//! Drivers that have no SQL database, and tests.

use owf_runtime::prelude::*;
use owf_runtime::store::MemoryStore;
use owf_runtime::testing::{TestKit, explore};

use crate::{Verdict, soon, told};

#[workflow]
async fn debit(cents: i64) -> WorkflowResult<usize> {
    let update = "UPDATE accounts SET cents = cents - ?1";
    Ok(transaction!("debit", |db| db.execute(update, [cents])).await?)
}

#[workflow]
async fn parent() -> WorkflowResult<usize> {
    Ok(invoke("child", debit, 1).await?)
}

const WHY: &str = "it has a `transaction!`, which commits to the SQL database of its driver, and this driver has none: run it on \
                   `SqliteDriver` (feature `sqlite`)";

async fn refuses(client: WorkflowClient) -> Verdict {
    let expected = format!("workflow `debit`: {WHY}");
    assert_eq!(client.register(debit).expect_err("it is refused").to_string(), expected);
    let invoked = client.invoke(debit, 1).await.expect_err("it is refused").to_string();
    assert!(invoked.starts_with("workflow `debit`") && invoked.ends_with(WHY), "{invoked}");
    let started = client.start(debit, 1).id("debit-1").await.expect_err("it is refused").to_string();
    assert!(started.starts_with("workflow `debit`") && started.ends_with(WHY), "{started}");
    Ok(())
}

#[tokio::test]
async fn a_driver_without_a_database_refuses_the_workflow() -> Verdict {
    refuses(WorkflowClient::new(InMemoryDriver::new())).await?;
    refuses(WorkflowClient::new(CheckpointInMemoryDriver::new())).await?;
    refuses(WorkflowClient::new(SqliteDriver::options().over(MemoryStore::new()))).await
}

#[tokio::test]
async fn a_child_that_is_refused_has_failed() -> Verdict {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let error = soon(client.invoke(parent, ())).await.expect_err("the child is refused").to_string();
    assert!(error.contains(WHY), "{error}");
    Ok(())
}

#[durable]
async fn helper() -> Result<usize, StepError> {
    transaction!("hidden", |db| db.execute("DELETE FROM accounts", [])).await
}

#[workflow]
async fn with_helper() -> WorkflowResult<usize> {
    Ok(helper().await?)
}

#[tokio::test]
async fn a_transaction_of_a_helper_fails_at_once() -> Verdict {
    for client in [
        WorkflowClient::new(InMemoryDriver::new()),
        WorkflowClient::new(CheckpointInMemoryDriver::new()),
        WorkflowClient::new(SqliteDriver::options().over(MemoryStore::new())),
    ] {
        let run = client.start(with_helper, ()).id("helper").await?;
        let error = soon(run.result()).await.expect_err("there is no database").to_string();
        assert!(
            error.contains("step `hidden` failed: it is a transaction, and this driver has no SQL database"),
            "{error}"
        );
        assert_eq!(told(&run).await, ["hidden 1 failed"]);
    }
    Ok(())
}

#[owf_runtime::test]
async fn a_mock_stands_in_place_of_a_transaction(kit: TestKit) -> Result<(), RunError> {
    kit.mock("debit").attempt(1).fail_with("locked").attempt(2).with(1_usize);
    let run = kit.start(debit, 5).await?;
    assert_eq!(run.result().await?, 1);
    kit.assert_steps(&run, ["debit"]);
    Ok(())
}

#[owf_runtime::test]
async fn a_transaction_without_a_mock_says_what_to_do(kit: TestKit) -> Result<(), RunError> {
    let error = kit.run(debit, 5).await.expect_err("there is no database").to_string();
    assert!(error.contains("in a test put a mock in its place, `kit.mock(\"its-id\").with(value)`"), "{error}");
    Ok(())
}

#[test]
fn the_explorer_crashes_around_a_mocked_transaction() {
    let report = explore(debit, 5).mock("debit", |mock| drop(mock.with(1_usize))).one_result().run();
    report.assert_sound();
}
