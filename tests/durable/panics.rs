//! Code of the user's that panics, blocks, or takes its process down: others go on.

use std::process::Command;
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{RunErrorReason, RunStatus};

use crate::ledger::{self, Gate};
use crate::{Directory, Verdict, client, options, soon};

#[workflow]
async fn well(id: String) -> WorkflowResult<u32> {
    for n in 0..20 {
        step!(format!("step-{n}"), {
            ledger::note(&id, n.to_string());
            tokio::time::sleep(Duration::from_millis(1)).await;
        })
        .await?;
    }
    Ok(20)
}

#[workflow]
async fn panics_in_a_step() -> WorkflowResult<()> {
    step!("bad", retries = 1, backoff = Duration::from_millis(1), panic!("the step's bug")).await?;
    Ok(())
}

#[workflow(retries = 0)]
async fn panics_outside() -> WorkflowResult<()> {
    let nothing: Vec<u32> = step!("fine", Vec::new()).await?;
    let _ = nothing[0];
    Ok(())
}

/// Panics when it is dropped, unless another panic is the cause.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "the destructor's bug");
    }
}

/// Its code is dropped while it sleeps.
#[workflow(retries = 0)]
async fn panics_in_a_destructor() -> WorkflowResult<()> {
    let _bomb = Bomb;
    sleep("nap", Duration::from_millis(30)).await?;
    Ok(())
}

#[tokio::test]
async fn a_panic_is_its_own_runs_and_nobody_elses() -> Verdict {
    let directory = Directory::new();
    let client = client(&directory, options().suspend_after(Duration::ZERO));
    let good = client.start(well, "well".to_owned()).id("well").await?;
    let step = client.start(panics_in_a_step, ()).await?;
    let outside = client.start(panics_outside, ()).await?;
    let destructor = client.start(panics_in_a_destructor, ()).await?;
    let error = soon(step.result()).await.expect_err("it panics");
    assert!(error.to_string().contains("the step's bug"), "{error}");
    let error = soon(outside.result()).await.expect_err("it panics");
    assert!(error.to_string().contains("index out of bounds"), "{error}");
    let error = soon(destructor.result()).await.expect_err("it panics at its end, too");
    assert!(error.to_string().contains("the destructor's bug"), "{error}");
    assert_eq!(soon(good.result()).await?, 20);
    assert_eq!(ledger::of("well").len(), 20);
    Ok(())
}

#[workflow]
async fn blocks(id: String) -> WorkflowResult<()> {
    step!("block", {
        ledger::note(&id, "block");
        std::thread::sleep(Duration::from_millis(1_500));
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_blocks_its_thread_for_longer_than_the_lease_costs_nothing() -> Verdict {
    let directory = Directory::new();
    let short = || options().lease(Duration::from_millis(300));
    let (one, other) = (client(&directory, short()), client(&directory, short()));
    other.register(blocks)?;
    other.register(well)?;
    let blocking = one.start(blocks, "blocks".to_owned()).id("blocks").await?;
    let good = one.start(well, "beside".to_owned()).id("beside").await?;
    assert_eq!(soon(good.result()).await?, 20);
    assert_eq!(blocking.status().await?, RunStatus::Running);
    soon(blocking.result()).await?;
    assert_eq!(ledger::of("blocks"), ["block"], "nobody took the run over");
    Ok(())
}

/// Tells the test below that it is the child, and which file to use.
const FILE: &str = "OWF_TEST_ABORTED_FILE";

#[workflow]
async fn aborts(mended: bool) -> WorkflowResult<String> {
    let first = step!("first", "kept".to_owned()).await?;
    let second = step!("second", if mended { String::new() } else { std::process::abort() }).await?;
    Ok(format!("{first}, {second}"))
}

/// The same workflow with its bug mended.
mod mended {
    use owf_runtime::prelude::*;

    #[workflow]
    pub(super) async fn aborts(_mended: bool) -> WorkflowResult<String> {
        let first = step!("first", "done anew".to_owned()).await?;
        let second = step!("second", "mended".to_owned()).await?;
        Ok(format!("{first}, {second}"))
    }
}

const CRASHES_MAX: u32 = 3;

#[tokio::test]
async fn a_run_that_takes_its_process_down_is_set_aside_and_can_be_retried() -> Verdict {
    let directory = Directory::new();
    let asking = client(&directory, options().without_worker());
    let run = asking.start(mended::aborts, false).id("aborts").await?;
    let mut aborted = 0;
    loop {
        let child = Command::new(std::env::current_exe()?)
            .args(["--exact", "panics::the_process_that_aborts", "--nocapture"])
            .env(FILE, directory.file())
            .output()?;
        if child.status.success() {
            break;
        }
        aborted += 1;
        assert!(aborted < 10, "it is never set aside");
    }
    // The first of them has recorded a step, so that its death does not count.
    assert_eq!(aborted, CRASHES_MAX + 1, "each process died of it until it was set aside");
    let error = soon(run.result()).await.expect_err("it is set aside");
    assert!(matches!(error.reason(), RunErrorReason::Parked(_)), "{error}");
    assert!(error.to_string().contains("its process has died 3 times in a row while it was executed"), "{error}");
    assert!(error.to_string().contains("`client.retry(run)` lets it go on"), "{error}");
    assert_eq!(run.status().await?, RunStatus::Parked);
    let mending = client(&directory, options());
    mending.register(mended::aborts)?;
    mending.retry("aborts").await?;
    assert_eq!(soon(run.result()).await?, "kept, mended");
    Ok(())
}

/// Not a test of its own: without the variable it does nothing. It ends when the run is set aside.
#[tokio::test]
async fn the_process_that_aborts() -> Verdict {
    let Ok(file) = std::env::var(FILE) else { return Ok(()) };
    let client = WorkflowClient::new(options().crashes_max(CRASHES_MAX).open(file)?);
    client.register(aborts)?;
    soon(client.handle(aborts, "aborts").await?.result()).await.expect_err("it is set aside");
    Ok(())
}

static NEVER: Gate = Gate::new();

#[workflow]
async fn stuck(id: String) -> WorkflowResult<()> {
    step!("stuck", {
        ledger::note(&id, "stuck");
        NEVER.pass().await;
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_step_that_never_ends_keeps_no_other_run_waiting() -> Verdict {
    let directory = Directory::new();
    let client = client(&directory, options());
    client.start(stuck, "stuck".to_owned()).id("stuck").await?;
    NEVER.reached().await;
    let good = client.start(well, "aside".to_owned()).id("aside").await?;
    assert_eq!(soon(good.result()).await?, 20);
    Ok(())
}
