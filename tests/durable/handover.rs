//! Runs that go from one owner to another: at the end of a process, at its death, and when it was silent for too long.

use std::time::{Duration, Instant, SystemTime};

use owf_runtime::RunStatus;
use owf_runtime::prelude::*;
use owf_runtime::store::{Claim, NewWorker, Registered, SqliteStore, Store};

use crate::ledger::{self, Gate};
use crate::{Directory, Verdict, client, options, soon, until};

/// So long that nobody waits for it in a test.
const HOUR: Duration = Duration::from_secs(3600);

static SHUT: Gate = Gate::new();
static SHUT_LONG: Gate = Gate::new();

#[workflow]
async fn two_steps(id: String) -> WorkflowResult<u32> {
    step!("first", {
        ledger::note(&id, "first");
        SHUT.pass().await;
    })
    .await?;
    step!("second", ledger::note(&id, "second")).await?;
    Ok(2)
}

#[workflow]
async fn long_step(id: String) -> WorkflowResult<u32> {
    step!("long", {
        ledger::note(&id, "long");
        SHUT_LONG.pass().await;
    })
    .await?;
    Ok(1)
}

#[workflow]
async fn waits(id: String) -> WorkflowResult<String> {
    step!("before", ledger::note(&id, "before")).await?;
    let word = wait_for_signal::<String>("word?", "word").await?;
    step!("after", ledger::note(&id, "after")).await?;
    Ok(word)
}

#[tokio::test]
async fn a_process_that_shuts_down_ends_its_steps_and_hands_back_the_rest_at_once() -> Verdict {
    let directory = Directory::new();
    let one = client(&directory, options().lease(HOUR));
    let ending = one.start(two_steps, "ending".to_owned()).id("ending").await?;
    let long = one.start(long_step, "long".to_owned()).id("long").await?;
    one.start(waits, "waiting".to_owned()).id("waiting").await?;
    SHUT.reached().await;
    SHUT_LONG.reached().await;
    let stopping = tokio::spawn({
        let one = one.clone();
        async move { one.shut_down(Duration::from_millis(300)).await }
    });
    SHUT.open();
    stopping.await??;
    assert_eq!(ledger::of("ending"), ["first"], "no step begins in a process that stops");
    assert_eq!(ending.steps().await?.len(), 1, "the one that was running is recorded");
    assert_eq!(ending.status().await?, RunStatus::Running);
    // The client can still be asked, and its runs are executed by others: at once, however long its lease is.
    let began = Instant::now();
    let other = client(&directory, options().lease(HOUR));
    other.register(two_steps)?;
    other.register(long_step)?;
    other.register(waits)?;
    assert_eq!(soon(ending.result()).await?, 2);
    SHUT_LONG.reached().await;
    SHUT_LONG.open();
    assert_eq!(soon(long.result()).await?, 1);
    one.signal("waiting", "word", "hello").await?;
    assert_eq!(soon(other.handle(waits, "waiting").await?.result()).await?, "hello");
    assert!(began.elapsed() < Duration::from_secs(2), "it took {:?}", began.elapsed());
    assert_eq!(ledger::of("ending"), ["first", "second"]);
    assert_eq!(ledger::of("long"), ["long", "long"], "what was broken off is begun again");
    assert_eq!(ledger::of("waiting"), ["before", "after"]);
    Ok(())
}

static DIES: Gate = Gate::new();

#[workflow]
async fn outlives(id: String) -> WorkflowResult<u32> {
    step!("first", ledger::note(&id, "first")).await?;
    step!("second", {
        ledger::note(&id, "second");
        DIES.pass().await;
    })
    .await?;
    Ok(2)
}

#[tokio::test]
async fn the_runs_of_a_client_that_is_gone_are_taken_up_without_waiting_for_its_lease() -> Verdict {
    let directory = Directory::new();
    let one = client(&directory, options().lease(HOUR));
    let run = one.start(outlives, "outlives".to_owned()).id("outlives").await?;
    DIES.reached().await;
    drop((one, run));
    let began = Instant::now();
    let other = client(&directory, options());
    other.register(outlives)?;
    DIES.reached().await;
    assert!(began.elapsed() < Duration::from_secs(3), "it took {:?}", began.elapsed());
    DIES.open();
    assert_eq!(soon(other.handle(outlives, "outlives").await?.result()).await?, 2);
    assert_eq!(ledger::of("outlives"), ["first", "second", "second"]);
    Ok(())
}

static ZOMBIE: Gate = Gate::new();

#[workflow]
async fn is_taken_over(id: String) -> WorkflowResult<u32> {
    step!("first", ledger::note(&id, "first")).await?;
    let n = step!("second", {
        ledger::note(&id, "second");
        ZOMBIE.pass().await;
        2_u32
    })
    .await?;
    step!("third", ledger::note(&id, "third")).await?;
    Ok(n)
}

/// Takes over whatever anybody owns, as a process does that finds all leases over; tells how many runs it was.
async fn take_over(directory: &Directory) -> usize {
    let store = SqliteStore::open(directory.file()).expect("it opens");
    let now = SystemTime::now() + 2 * HOUR;
    let worker = NewWorker { name: "heir".to_owned(), lease_until: now + HOUR };
    let worker = store.register(worker).await.expect("registers");
    let workflows = vec![Registered::any("is_taken_over")];
    let claimed = store.claim(Claim { worker, workflows, limit: 10, now }).await.expect("claims");
    // Nothing is done with them: their heir has to end, for them to be due again.
    store.unregister(worker, SystemTime::now()).await.expect("unregisters");
    claimed.len()
}

#[tokio::test]
async fn what_a_process_records_after_its_lease_was_lost_is_refused() -> Verdict {
    let directory = Directory::new();
    let client = client(&directory, options().lease(HOUR));
    let run = client.start(is_taken_over, "zombie".to_owned()).id("zombie").await?;
    ZOMBIE.reached().await;
    assert_eq!(take_over(&directory).await, 1);
    // The step of the lost lease ends, in vain; the same process takes the run up again, as anybody may.
    ZOMBIE.open();
    ZOMBIE.reached().await;
    assert_eq!(run.steps().await?.len(), 1, "its result was refused");
    ZOMBIE.open();
    assert_eq!(soon(run.result()).await?, 2);
    assert_eq!(ledger::of("zombie"), ["first", "second", "second", "third"]);
    Ok(())
}

#[tokio::test]
async fn what_another_process_starts_or_sends_is_taken_up_without_delay() -> Verdict {
    let directory = Directory::new();
    let working = client(&directory, options());
    working.register(waits)?;
    let asking = client(&directory, options().without_worker());
    until(async || working.list(Default::default(), None, 1).await.is_ok()).await;
    let mut took = Vec::new();
    for n in 0..5 {
        let id = format!("asked-{n}");
        let began = Instant::now();
        let run = asking.start(waits, id.clone()).id(id.as_str()).await?;
        run.signal("word", "hello").await?;
        assert_eq!(soon(run.result()).await?, "hello");
        took.push(began.elapsed());
        assert_eq!(ledger::of(&id), ["before", "after"]);
    }
    took.sort();
    assert!(took[2] < Duration::from_secs(1), "{took:?}");
    Ok(())
}

#[workflow]
async fn naps(n: u32) -> WorkflowResult<u32> {
    sleep("nap", Duration::from_millis(300)).await?;
    Ok(n * 2)
}

#[workflow]
async fn asks_another(n: u32) -> WorkflowResult<u32> {
    Ok(invoke("child", naps, n).await?)
}

#[tokio::test]
async fn a_child_that_only_its_parents_code_knows_is_taken_up_after_a_restart() -> Verdict {
    let directory = Directory::new();
    let one = client(&directory, options().suspend_after(Duration::ZERO));
    one.start(asks_another, 21).id("parent").await?;
    until(async || one.inspect("parent/child").await.is_ok_and(|child| child.summary.due_at.is_some())).await;
    one.shut_down(Duration::from_secs(1)).await?;
    let other = client(&directory, options());
    other.register(asks_another)?;
    let run = other.handle(asks_another, "parent").await?;
    assert_eq!(soon(run.result()).await?, 42);
    Ok(())
}
