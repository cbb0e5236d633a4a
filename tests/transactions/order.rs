//! Transactions beside other steps: what the workflow saw first is recorded first, so that a replay sees it, too.

use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use owf_runtime::VirtualHost;
use owf_runtime::prelude::*;
use owf_runtime::testing::replay;
use tokio::sync::Notify;

use crate::{Bank, Verdict, soon, told};

static BEGUN: Notify = Notify::const_new();
static STEP_ENDED: LazyLock<(Sender<()>, Mutex<Receiver<()>>)> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    (sender, Mutex::new(receiver))
});

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[workflow]
async fn overtaken() -> WorkflowResult<String> {
    Ok(race! {
        rows = transaction!("insert", |db| {
            BEGUN.notify_one();
            // The step ends while the transaction is open.
            lock(&STEP_ENDED.1).recv_timeout(Duration::from_secs(30))?;
            db.execute("INSERT INTO entries VALUES ('overtaken', 'row')", [])?;
            1
        }) => format!("{} row", rows?),
        step = step!("step", {
            BEGUN.notified().await;
            STEP_ENDED.0.send(())?;
        }) => { step?; "step".to_owned() },
    })
}

#[tokio::test]
async fn a_step_that_ends_before_the_commit_of_a_transaction_is_recorded_after_it() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(overtaken, ()).id("overtaken").await?;
    assert_eq!(soon(run.result()).await?, "1 row");
    assert_eq!(told(&run).await, ["insert 1 ok", "step 1 ok"]);
    replay(overtaken, &run.export().await?).await?;
    assert_eq!(bank.entries("overtaken"), ["row"]);
    Ok(())
}

/// In the middle of what the transactions wait.
const AWHILE: Duration = Duration::from_millis(20);

#[workflow]
async fn many(run: String) -> WorkflowResult<Vec<String>> {
    let mut won = Vec::new();
    for round in 0..6_u64 {
        let wait = random_wait(round).await?;
        won.push(race! {
            entry = async {
                sleep(format!("nap{round}"), wait).await?;
                transaction!(format!("t{round}"), |db| insert(db, &run, format!("t{round}"))).await
            } => entry?,
            entry = step!(format!("s{round}"), { tokio::time::sleep(AWHILE).await; format!("s{round}") }) => entry?,
            entry = after(round) => entry?,
        });
    }
    let (a, b, c) = join!(
        transaction!("a", |db| insert(db, &run, "a".to_owned())),
        async {
            tick("tick").await?;
            transaction!("b", |db| insert(db, &run, "b".to_owned())).await
        },
        step!("c", "c".to_owned()),
    )
    .await;
    won.extend([a?, b?, c?]);
    Ok(won)
}

fn insert(
    db: &owf_runtime::store::rusqlite::Connection,
    run: &str,
    entry: String,
) -> Result<String, owf_runtime::store::rusqlite::Error> {
    db.execute("INSERT INTO entries VALUES (?1, ?2)", [run, &entry])?;
    Ok(entry)
}

#[durable]
async fn random_wait(round: u64) -> Result<Duration, StepError> {
    let spread: u64 = random(format!("r{round}")).await?;
    Ok(Duration::from_millis(spread % 40))
}

#[durable]
async fn after(round: u64) -> Result<String, StepError> {
    sleep(format!("rest{round}"), AWHILE).await?;
    step!(format!("q{round}"), format!("q{round}")).await
}

#[durable]
async fn tick(id: &str) -> Result<(), StepError> {
    step!(id, tokio::task::yield_now().await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_beside_steps_are_replayed_as_they_went() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let ids: Vec<String> = (0..60).map(|n| format!("many-{n}")).collect();
    let mut runs = Vec::new();
    for id in &ids {
        runs.push(client.start(many, id.clone()).id(id.as_str()).await?);
    }
    let (mut by_step, mut by_transaction) = (0, 0);
    for run in &runs {
        let won = soon(run.result()).await?;
        by_step += won.iter().filter(|entry| entry.starts_with(['s', 'q'])).count();
        by_transaction += won.iter().filter(|entry| entry.starts_with(['t', 'u'])).count();
        replay(many, &run.export().await?).await?;
        // Each committed transaction has its row, and each row its transaction.
        let mut committed: Vec<String> = told(run).await;
        committed.retain(|step| {
            step.starts_with(['t', 'u', 'a', 'b']) && step.ends_with(" 1 ok") && !step.starts_with("tick")
        });
        let entries: Vec<String> =
            bank.entries(run.id().as_str()).iter().map(|entry| format!("{entry} 1 ok")).collect();
        assert_eq!(entries, committed);
    }
    assert!(by_step > 0 && by_transaction > 0, "one kind has always won: {by_step} to {by_transaction}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_broke_off_at_any_place_goes_on_as_it_went() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(many, "whole".to_owned()).id("whole").await?;
    soon(run.result()).await?;
    let whole = told(&run).await;
    let mut parts = Vec::new();
    for (at, step) in run.steps().await?.iter().enumerate() {
        let id = format!("part-{at}");
        client.fork(&run, step.id.clone(), id.as_str()).await?;
        parts.push(client.start(many, "whole".to_owned()).id(id).await?);
    }
    for (at, part) in parts.iter().enumerate() {
        soon(part.result()).await?;
        replay(many, &part.export().await?).await?;
        assert_eq!(told(part).await[..=at], whole[..=at]);
    }
    Ok(())
}

#[workflow(timeout = Duration::from_secs(5))]
async fn late(run: String) -> WorkflowResult<()> {
    transaction!(
        "write",
        |db| {
            insert(db, &run, "written".to_owned())?;
            // The run's time is over while the transaction is open: the clock jumps as soon as the run waits for it.
            while CLOCK.elapsed() < Duration::from_secs(5) {
                std::thread::yield_now();
            }
        },
        undo = |db, ()| insert(db, &run, "undone".to_owned())
    )
    .await?;
    step!("never", insert_nothing()).await?;
    Ok(())
}

fn insert_nothing() {}

static CLOCK: LazyLock<Arc<VirtualHost>> = LazyLock::new(|| Arc::new(VirtualHost::new(7)));

#[tokio::test]
async fn a_cancellation_waits_for_a_transaction_that_has_begun() -> Verdict {
    let bank = Bank::new();
    let driver = SqliteDriver::options().host(CLOCK.clone()).open(bank.file())?;
    let client = WorkflowClient::new(driver);
    let run = client.start(late, "late".to_owned()).id("late").await?;
    let error = soon(run.result()).await.expect_err("its time is over");
    assert!(error.workflow_error().is_some_and(|error| error.is_cancelled()), "{error}");
    assert_eq!(told(&run).await, ["write 1 ok", "owf:cancel 1 ok", "write:undo 1 ok"]);
    assert_eq!(bank.entries("late"), ["written", "undone"]);
    Ok(())
}
