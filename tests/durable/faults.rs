//! A store that fails, or is slow: runs wait for it, and end as they would have.

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::store::rusqlite::Connection;
use owf_runtime::store::{
    Commit, Created, Faults, FaultyStore, Lease, MemoryStore, NewRun, NewWorker, SqliteStore, Store,
};
use owf_runtime::{Json, RunHandle, RunStatus};

use crate::ledger::{self, Gate};
use crate::{Directory, Verdict, client, options, soon, until};

/// Sets what only the writer's own connection can be told.
async fn tell_writer(store: &SqliteStore, lease: &Lease, pragma: &'static str) {
    let commit = Commit::new(lease.clone(), std::time::SystemTime::now());
    let body = move |connection: &Connection| Ok((connection.query_row(pragma, [], |_| Ok(())).ok(), commit));
    let _ = store.transact(lease.clone(), body).await;
}

/// The right to use the writer's connection.
async fn lease(store: &SqliteStore) -> Lease {
    let now = std::time::SystemTime::now();
    let lease_until = now + Duration::from_secs(3600);
    let worker = store.register(NewWorker { name: "test".to_owned(), lease_until }).await.expect("registers");
    let (id, workflow, input) = ("the test's".into(), "of nobody".to_owned(), Json::null());
    let run = NewRun { id, workflow, version: 0, input, created_at: now, due_at: now };
    match store.create(vec![run], Some(worker)).await.expect("creates").remove(0) {
        Created::New(Some(lease)) => lease,
        other => panic!("the run is new: {other:?}"),
    }
}

static FULL: Gate = Gate::new();

#[workflow]
async fn fills_the_disk(id: String) -> WorkflowResult<usize> {
    step!("first", ledger::note(&id, "first")).await?;
    let large = step!("large", {
        ledger::note(&id, "large");
        FULL.pass().await;
        "x".repeat(100_000)
    })
    .await?;
    step!("last", ledger::note(&id, "last")).await?;
    Ok(large.len())
}

#[tokio::test]
async fn a_full_disk_keeps_runs_waiting_and_loses_nothing() -> Verdict {
    let directory = Directory::new();
    let driver = options().open(directory.file())?;
    let (store, client) = (driver.store().clone(), WorkflowClient::new(driver));
    let lease = lease(&store).await;
    let run = client.start(fills_the_disk, "full".to_owned()).id("full").await?;
    FULL.reached().await;
    tell_writer(&store, &lease, "PRAGMA max_page_count = 1").await;
    FULL.open();
    let refused = client.start(fills_the_disk, "y".repeat(100_000)).id("too large").await.expect_err("no room");
    assert!(refused.to_string().contains("the disk is full; nothing was changed: make room"), "{refused}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(run.status().await?, RunStatus::Running);
    assert_eq!(run.steps().await?.len(), 1, "what is recorded can be read");
    tell_writer(&store, &lease, "PRAGMA max_page_count = 100000").await;
    assert_eq!(soon(run.result()).await?, 100_000);
    assert_eq!(ledger::of("full"), ["first", "large", "last"]);
    Ok(())
}

static READ_ONLY: Gate = Gate::new();

#[workflow]
async fn meets_a_file_that_is_read_only(id: String) -> WorkflowResult<u32> {
    step!("first", ledger::note(&id, "first")).await?;
    step!("second", {
        ledger::note(&id, "second");
        READ_ONLY.pass().await;
    })
    .await?;
    step!("third", ledger::note(&id, "third")).await?;
    Ok(3)
}

#[tokio::test]
async fn a_file_that_cannot_be_written_to_keeps_runs_waiting() -> Verdict {
    let directory = Directory::new();
    let driver = options().open(directory.file())?;
    let (store, one) = (driver.store().clone(), WorkflowClient::new(driver));
    let run = one.start(meets_a_file_that_is_read_only, "read-only".to_owned()).id("read-only").await?;
    READ_ONLY.reached().await;
    let lease = lease(&store).await;
    tell_writer(&store, &lease, "PRAGMA query_only = 1").await;
    READ_ONLY.open();
    let refused = run.signal("hello", "you").await.expect_err("it cannot be written to");
    assert!(refused.to_string().contains("must be allowed to write the file and its directory"), "{refused}");
    assert_eq!(run.steps().await?.len(), 1, "what is recorded can be read");
    // Such a connection stays as it is, so that its process ends.
    drop((one, run, store));
    let other = client(&directory, options());
    READ_ONLY.open();
    let run = other.start(meets_a_file_that_is_read_only, "read-only".to_owned()).id("read-only").await?;
    assert_eq!(soon(run.result()).await?, 3);
    assert_eq!(ledger::of("read-only"), ["first", "second", "second", "third"]);
    Ok(())
}

#[workflow]
async fn leaf(n: u32) -> WorkflowResult<u32> {
    Ok(step!("double", n * 2).await?)
}

/// Steps in a row and side by side, a child, a short sleep, and a signal from outside.
#[workflow]
async fn busy(id: String) -> WorkflowResult<u32> {
    let mut sum = 0;
    for n in 0..4_u32 {
        sum += step!(format!("step-{n}"), {
            ledger::note(&id, format!("step-{n}"));
            n
        })
        .await?;
    }
    let (a, b) = join!(
        step!("left", {
            ledger::note(&id, "left");
            10
        }),
        step!("right", {
            ledger::note(&id, "right");
            20
        }),
    )
    .await;
    sleep("nap", Duration::from_millis(5)).await?;
    let child = invoke("child", leaf, 50).id(format!("{id}/child")).await?;
    let told = wait_for_signal::<u32>("told", "told").await?;
    step!("last", ledger::note(&id, "last")).await?;
    Ok(sum + a? + b? + child + told)
}

const BUSY: u32 = 6 + 30 + 100 + 1_000;

async fn start_busy(client: &WorkflowClient, prefix: &str, n: u32) -> RunHandle<busy> {
    let id = format!("{prefix}-{n}");
    // A fault is an answer like any other to the caller, who asks again.
    let run = loop {
        if let Ok(run) = client.start(busy, id.clone()).id(id.as_str()).await {
            break run;
        }
    };
    while run.signal("told", &1_000_u32).await.is_err() {}
    run
}

async fn result(run: &RunHandle<busy>) -> u32 {
    loop {
        match run.result().await {
            Ok(sum) => return sum,
            Err(error) => assert!(error.to_string().contains("a fault was injected"), "{error}"),
        }
    }
}

/// Runs that meet faults end with what they are to end with, and no effect is repeated: no process died.
async fn with_faults(store: impl Store, faults: Faults, prefix: &str) {
    let faulty = FaultyStore::new(store, faults);
    let patient = options().suspend_after(Duration::from_millis(2)).lease(Duration::from_secs(3600));
    let client = WorkflowClient::new(patient.over(faulty));
    client.register(leaf).expect("registers");
    for n in 0..20 {
        let run = start_busy(&client, prefix, n).await;
        let sum = soon(result(&run)).await;
        assert_eq!(sum, BUSY, "seed {}", faults.seed);
        let mut effects = ledger::of(&format!("{prefix}-{n}"));
        effects.sort();
        assert_eq!(effects, ["last", "left", "right", "step-0", "step-1", "step-2", "step-3"], "seed {}", faults.seed);
    }
}

#[tokio::test]
async fn errors_before_the_effect_repeat_nothing() -> Verdict {
    let faults = Faults { seed: 11, before: 0.1, after: 0.0, delay_max: Duration::from_millis(2) };
    with_faults(MemoryStore::new(), faults, "before").await;
    Ok(())
}

#[tokio::test]
async fn delays_change_nothing() -> Verdict {
    let directory = Directory::new();
    let faults = Faults { seed: 12, before: 0.0, after: 0.0, delay_max: Duration::from_millis(10) };
    with_faults(SqliteStore::open(directory.file())?, faults, "delays").await;
    Ok(())
}

#[tokio::test]
async fn errors_after_the_effect_leave_no_run_behind() -> Verdict {
    let faults = Faults { seed: 13, before: 0.03, after: 0.03, delay_max: Duration::from_millis(1) };
    let faulty = FaultyStore::new(MemoryStore::new(), faults);
    let patient = options().suspend_after(Duration::from_millis(2)).lease(Duration::from_secs(3600));
    let client = WorkflowClient::new(patient.over(faulty));
    client.register(leaf)?;
    let mut runs = Vec::new();
    for n in 0..20 {
        runs.push(start_busy(&client, "after", n).await);
    }
    for (n, run) in runs.iter().enumerate() {
        // A signal that was sent twice, as its sender could not know, is received once.
        assert_eq!(soon(result(run)).await, BUSY, "run {n}");
    }
    until(async || client.list(Default::default(), None, 1).await.is_ok()).await;
    Ok(())
}

/// Every fifth answer is lost, also those to commits that end runs.
#[tokio::test]
async fn an_end_is_told_when_the_answer_to_its_commit_is_lost() -> Verdict {
    let faults = Faults { seed: 17, before: 0.0, after: 0.2, delay_max: Duration::from_millis(1) };
    let faulty = FaultyStore::new(MemoryStore::new(), faults);
    let client = WorkflowClient::new(options().lease(Duration::from_secs(3600)).over(faulty));
    for n in 0..20 {
        let run = loop {
            if let Ok(run) = client.start(leaf, n).id(format!("lost-{n}")).await {
                break run;
            }
        };
        let doubled = soon(async {
            loop {
                if let Ok(doubled) = run.result().await {
                    break doubled;
                }
            }
        });
        assert_eq!(doubled.await, 2 * n);
    }
    Ok(())
}
