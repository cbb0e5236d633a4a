//! What is left of a transaction that succeeded, and of one that did not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{StepOutcome, StepRecord};
use serde::{Deserialize, Serialize};

use crate::{Bank, Verdict, soon, told};

#[workflow]
async fn debit(cents: i64) -> WorkflowResult<i64> {
    let account = "Ada".to_owned();
    let balance = transaction!("debit", |db| {
        db.execute("UPDATE accounts SET cents = cents - ?1 WHERE id = ?2", (cents, &account))?;
        db.query_row("SELECT cents FROM accounts WHERE id = ?1", [&account], |row| row.get::<_, i64>(0))
    })
    .await?;
    step!("tell", println!("{account} has {balance}")).await?;
    Ok(balance)
}

#[tokio::test]
async fn what_it_writes_is_there_with_its_result() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(debit, 300).id("debit").await?;
    assert_eq!(soon(run.result()).await?, 700);
    assert_eq!(bank.cents("Ada"), 700);
    assert_eq!(told(&run).await, ["debit 1 ok", "tell 1 ok"]);
    let steps = run.steps().await?;
    assert!(steps[0].location.to_string().contains("commits.rs"), "{}", steps[0].location);
    Ok(())
}

#[tokio::test]
async fn a_run_that_is_entered_again_does_not_repeat_it() -> Verdict {
    let bank = Bank::new();
    let run = bank.client().start(debit, 300).id("debit").await?;
    soon(run.result()).await?;
    drop(run);
    let client = bank.client();
    // It has what was recorded before `tell`.
    client.fork("debit", "debit", "again").await?;
    let again = client.start(debit, 300).id("again").await?;
    assert_eq!(soon(again.result()).await?, 700);
    assert_eq!(told(&again).await, ["debit 1 ok", "tell 1 ok"]);
    assert_eq!(bank.cents("Ada"), 700);
    Ok(())
}

#[workflow]
async fn transfer(cents: i64) -> WorkflowResult<()> {
    transaction!("transfer", retries = 0, |db| {
        db.execute("UPDATE accounts SET cents = cents + ?1 WHERE id = 'Bob'", [cents])?;
        db.execute("UPDATE accounts SET cents = cents - ?1 WHERE id = 'Ada'", [cents])
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_statement_that_fails_takes_those_before_it_along() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(transfer, 5_000).id("transfer").await?;
    let error = soon(run.result()).await.expect_err("Ada has not enough").to_string();
    assert!(error.contains("step `transfer` failed: CHECK constraint failed"), "{error}");
    assert_eq!((bank.cents("Ada"), bank.cents("Bob")), (1_000, 0));
    assert_eq!(told(&run).await, ["transfer 1 failed"]);
    Ok(())
}

static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

#[workflow]
async fn flaky(run: String) -> WorkflowResult<()> {
    transaction!("note", backoff = Duration::from_millis(1), input = &run, |db| {
        db.execute("INSERT INTO entries VALUES (?1, 'once')", [run])?;
        match ATTEMPTS.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("the first attempt"),
            1 => Err("the second attempt")?,
            _ => {}
        }
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_fails_leaves_nothing_and_is_followed_by_another() -> Verdict {
    let bank = Bank::new();
    let client = bank.client().keep_values(true);
    let run = client.start(flaky, "flaky".to_owned()).id("flaky").await?;
    soon(run.result()).await?;
    assert_eq!(bank.entries("flaky"), ["once"]);
    assert_eq!(told(&run).await, ["note 1 retrying", "note 2 retrying", "note 3 ok"]);
    let steps = run.steps().await?;
    let why = |step: &StepRecord| match &step.outcome {
        StepOutcome::Retrying { failure, .. } => failure.message().to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(why(&steps[0]), "panicked: the first attempt");
    assert_eq!(why(&steps[1]), "the second attempt");
    assert_eq!(steps[2].input.as_ref().map(|input| input.as_str()), Some("\"flaky\""));
    Ok(())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TooPoor {
    missing: i64,
}

impl std::fmt::Display for TooPoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cents are missing", self.missing)
    }
}

#[workflow]
async fn careful(cents: i64) -> WorkflowResult<String> {
    let paid = transaction!("pay", retries = 0, |db| {
        db.execute("INSERT INTO entries VALUES ('careful', 'asked')", [])?;
        let has = db.query_row("SELECT cents FROM accounts WHERE id = 'Ada'", [], |row| row.get::<_, i64>(0))?;
        if has < cents {
            Err(TooPoor { missing: cents - has })?;
        }
        db.execute("UPDATE accounts SET cents = cents - ?1 WHERE id = 'Ada'", [cents])?;
    })
    .await;
    let fatal = transaction!("fatal", |_| Err::<(), _>(StepError::fatal("never again"))).await;
    let fatal = fatal.expect_err("it fails");
    Ok(match paid {
        Ok(()) => "paid".to_owned(),
        Err(error) => format!("{:?}, {fatal}", error.downcast::<TooPoor>().expect("it is typed")),
    })
}

#[tokio::test]
async fn errors_are_those_of_any_step() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(careful, 1_500).id("careful").await?;
    let told_of = soon(run.result()).await?;
    assert_eq!(told_of, "TooPoor { missing: 500 }, step `fatal` failed: never again");
    assert!(bank.entries("careful").is_empty());
    assert_eq!(told(&run).await, ["pay 1 failed", "fatal 1 failed"]);
    Ok(())
}

#[workflow]
async fn impatient() -> WorkflowResult<()> {
    transaction!("commit", retries = 0, |db| {
        db.execute("INSERT INTO entries VALUES ('impatient', 'half')", [])?;
        db.execute_batch("COMMIT; BEGIN")
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_body_that_commits_by_itself_has_failed() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(impatient, ()).id("impatient").await?;
    let error = soon(run.result()).await.expect_err("it must not").to_string();
    assert!(error.contains("leave out BEGIN, COMMIT and ROLLBACK"), "{error}");
    assert!(bank.entries("impatient").is_empty());
    Ok(())
}

#[workflow]
async fn unstorable() -> WorkflowResult<()> {
    let value = transaction!("divide", |db| {
        db.execute("INSERT INTO entries VALUES ('unstorable', 'half')", [])?;
        Ok::<_, owf_runtime::store::rusqlite::Error>(f64::NAN)
    });
    value.await?;
    Ok(())
}

#[tokio::test]
async fn a_result_that_cannot_be_stored_takes_the_writes_along() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(unstorable, ()).id("unstorable").await?;
    let error = soon(run.result()).await.expect_err("there is no JSON for it").to_string();
    assert!(error.contains("its result cannot be stored"), "{error}");
    assert!(bank.entries("unstorable").is_empty());
    assert_eq!(told(&run).await, ["divide 1 failed"]);
    Ok(())
}
