//! The workflows that are tortured.

use std::time::{Duration, SystemTime};

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ledger;
use crate::plan::{Deed, Plan};

/// Longer than any torture takes.
const FOR_EVER: Duration = Duration::from_secs(24 * 3600);

/// Does what its plan says, and tells what it has received.
#[workflow(retries = 0)]
pub(crate) async fn tortured(plan: Plan) -> WorkflowResult<Vec<String>> {
    let mut told = Vec::new();
    for (n, deed) in plan.deeds.iter().enumerate() {
        told.push(do_deed(&plan.id, n, deed).await?);
    }
    if plan.fails {
        return Err(WorkflowError::fatal(format!("as planned, after {}", told.join(", "))));
    }
    Ok(told)
}

#[durable]
async fn do_deed(run: &str, n: usize, deed: &Deed) -> WorkflowResult<String> {
    match deed {
        Deed::Step { pause_ms } => {
            let step = format!("step-{n}");
            Ok(step!(step.as_str(), effect(run, &step, *pause_ms).await).await?)
        }
        Deed::Undoable => {
            let (step, undo, owner) = (format!("undoable-{n}"), format!("undoable-{n}:undo"), run.to_owned());
            let done = step!(
                step.as_str(),
                effect(run, &step, 0).await,
                undo = |_| {
                    effect(&owner, &undo, 0).await;
                }
            );
            Ok(done.await?)
        }
        Deed::Flaky { failures } => {
            let step = format!("flaky-{n}");
            // Each process knows of its own attempts, so that it may take more of them.
            let backoff = Duration::from_millis(10);
            Ok(step!(step.as_str(), retries = 50, backoff = backoff, fail(run, &step, *failures).await?).await?)
        }
        Deed::Join { width } => side_by_side(run, n, *width).await,
        Deed::RaceSteps { pause_ms } => {
            let step = format!("racer-{n}");
            Ok(race! {
                done = step!(step.as_str(), effect(run, &step, *pause_ms).await) => done?,
                _ = sleep(format!("never-{n}"), FOR_EVER) => "late".to_owned(),
            })
        }
        Deed::RaceSignal { ms } => Ok(race! {
            signal = wait_for_signal::<u32>(format!("silence-{n}"), "silence") => format!("heard {}", signal?),
            _ = sleep(format!("nap-{n}"), Duration::from_millis(*ms)) => "silence".to_owned(),
        }),
        Deed::Sleep { ms } => {
            sleep(format!("sleep-{n}"), Duration::from_millis(*ms)).await?;
            Ok("slept".to_owned())
        }
        Deed::Receive => Ok(format!("signal {}", wait_for_signal::<u32>(format!("receive-{n}"), "outside").await?)),
        Deed::SendTo { run: to, number } => {
            send_signal(format!("send-{n}"), to.as_str(), "inside", number).await?;
            Ok(format!("sent {number}"))
        }
        Deed::ReceiveFromRun => Ok(format!("got {}", wait_for_signal::<u32>(format!("from-run-{n}"), "inside").await?)),
        Deed::Child { steps } => {
            let id = format!("{run}/child-{n}");
            let child = Child { id: id.clone(), steps: *steps };
            Ok(invoke(format!("child-{n}"), small, child).id(id).await?)
        }
        Deed::Event => {
            wait_for_event::<u32>(format!("event-{n}"), "tick").await?;
            Ok("tick".to_owned())
        }
        Deed::Values => values(n).await,
    }
}

#[durable]
async fn side_by_side(run: &str, n: usize, width: usize) -> WorkflowResult<String> {
    let steps = (0..width).map(|lane| {
        let (run, step) = (run.to_owned(), format!("lane-{n}-{lane}"));
        step!(step.clone(), async move { effect(&run, &step, lane as u64).await })
    });
    let (left, right) = (format!("left-{n}"), format!("right-{n}"));
    let (lanes, (first, second)) = join!(join_all(steps), async {
        join!(step!(left.as_str(), effect(run, &left, 1).await), step!(right.as_str(), effect(run, &right, 2).await))
            .await
    })
    .await;
    let mut done = 0;
    for lane in lanes {
        lane?;
        done += 1;
    }
    Ok(format!("{done} lanes, {}, {}", first?, second?))
}

/// What the machine says once is what the workflow sees for ever.
#[durable]
async fn values(n: usize) -> WorkflowResult<String> {
    let id = uuid(format!("uuid-{n}")).await?;
    let time = now(format!("time-{n}")).await?;
    let text = format!("{id} at {}", nanos(time));
    let recorded = step!(format!("values-{n}"), text.clone()).await?;
    sleep(format!("values-nap-{n}"), Duration::from_millis(10)).await?;
    if recorded != text {
        return Err(WorkflowError::fatal(format!("a value has changed: {recorded}, {text}")));
    }
    Ok("values".to_owned())
}

#[deterministic]
fn nanos(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Child {
    id: String,
    steps: u32,
}

#[workflow]
pub(crate) async fn small(child: Child) -> WorkflowResult<String> {
    for n in 0..child.steps {
        let step = format!("step-{n}");
        step!(step.as_str(), effect(&child.id, &step, 1).await).await?;
    }
    Ok(format!("a child of {}", child.steps))
}

async fn effect(run: &str, step: &str, pause_ms: u64) -> String {
    ledger::begin(run, step);
    if pause_ms > 0 {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
    ledger::end(run, step);
    format!("did {step}")
}

async fn fail(run: &str, step: &str, failures: usize) -> Result<String, std::io::Error> {
    let times = ledger::begin(run, step);
    tokio::task::yield_now().await;
    ledger::end(run, step);
    if times <= failures {
        return Err(std::io::Error::other("as planned"));
    }
    Ok(format!("did {step} in the end"))
}
