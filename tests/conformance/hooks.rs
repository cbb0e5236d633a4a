//! The contract of `Driver`, as the kernel keeps it whatever a driver answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{
    FlowControl, Hook, Json, Memo, MemoResult, Memos, OperationKind, RunErrorReason, StepRecord, VirtualHost,
};

use crate::probe::{Probe, fail_when_stalled};
use crate::spy::{Spy, disk_full, interrupt};
use crate::subjects::Verdict;

#[workflow]
async fn two_steps(probe: Probe) -> WorkflowResult<usize> {
    probe.note("entered");
    let a = step!("a", probe.note("a")).await?;
    probe.note("between");
    Ok(a + step!("b", probe.note("b")).await?)
}

/// An answer that comes after others had their turn.
fn later(answer: Option<Hook>) -> Option<Hook> {
    let answer = answer.unwrap_or_else(|| FlowControl::Continue.into());
    Some(Hook::later(async move {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        answer.await
    }))
}

/// Answers a call the first time it is made.
fn once(call: &'static str, answer: fn() -> Option<Hook>) -> impl Fn(&str) -> Option<Hook> {
    let made = AtomicUsize::new(0);
    move |now| if now == call && made.fetch_add(1, Ordering::Relaxed) == 0 { answer() } else { None }
}

#[tokio::test]
async fn an_interrupt_when_a_step_was_executed_re_enters_with_its_result() -> Verdict {
    let (spy, probe) = (Spy::scripted(once("executed a#1+", interrupt)), Probe::new());
    assert_eq!(spy.client().invoke(two_steps, probe).await?, 2);
    assert_eq!(probe.notes(), ["entered", "a", "entered", "between", "b"], "it does not go on before the re-entry");
    assert_eq!(spy.calls(), ["started", "found a", "executed a#1+", "found b", "executed b#1+", "completed 2"]);
    Ok(())
}

#[tokio::test]
async fn an_interrupt_when_steps_were_found_leaves_them_as_they_are() -> Verdict {
    // The kernel re-enters only if something moved, so the interrupt follows an executed step.
    let (spy, probe) = (Spy::scripted(once("found b", interrupt)), Probe::new());
    assert_eq!(spy.client().invoke(two_steps, probe).await?, 2);
    assert_eq!(probe.notes(), ["entered", "a", "between", "entered", "between", "b"]);
    let calls = ["started", "found a", "executed a#1+", "found b", "found b", "executed b#1+", "completed 2"];
    assert_eq!(spy.calls(), calls);
    Ok(())
}

#[tokio::test]
async fn an_interrupt_lets_steps_that_are_running_end() -> Verdict {
    #[workflow]
    async fn parallel(probe: Probe) -> WorkflowResult<usize> {
        probe.note("entered");
        let (slow, quick) = join!(
            step!("slow", {
                probe.in_turn("end", 1).await;
                probe.note("slow")
            }),
            step!("quick", {
                probe.in_turn("end", 0).await;
                probe.note("quick")
            }),
        )
        .await;
        Ok(slow? + quick?)
    }
    let (spy, probe) = (Spy::scripted(once("executed quick#1+", interrupt)), Probe::new());
    assert_eq!(fail_when_stalled(spy.client().invoke(parallel, probe)).await?, 2);
    assert_eq!(probe.notes(), ["entered", "quick", "slow", "entered"]);
    let calls = ["started", "found slow quick", "executed quick#1+", "executed slow#1+", "completed 2"];
    assert_eq!(spy.calls(), calls);
    Ok(())
}

#[tokio::test]
async fn a_failed_step_is_tried_again_in_place_on_continue() -> Verdict {
    #[workflow]
    async fn flaky(probe: Probe) -> WorkflowResult<usize> {
        probe.note("entered");
        Ok(step!("flaky", {
            match probe.note("attempt") {
                3 => 3,
                _ => Err("not yet")?,
            }
        })
        .await?)
    }
    let (spy, probe) = (Spy::scripted(|_| None), Probe::new());
    assert_eq!(spy.client().invoke(flaky, probe).await?, 3);
    assert_eq!(probe.count("entered"), 1);
    let calls =
        ["started", "found flaky", "executed flaky#1~", "executed flaky#2~", "executed flaky#3+", "completed 3"];
    assert_eq!(spy.calls(), calls);
    Ok(())
}

#[tokio::test]
async fn a_driver_that_never_lets_steps_run_is_refused() -> Verdict {
    let spy = Spy::scripted(|call| if call.starts_with("found") { interrupt() } else { None });
    let error = fail_when_stalled(spy.client().invoke(two_steps, Probe::new())).await.expect_err("nothing can move");
    let RunErrorReason::Refused(text) = error.reason() else { panic!("{error:?}") };
    assert!(text.contains("`a`") && text.contains("on_steps_found"), "{text}");
    Ok(())
}

#[tokio::test]
async fn an_error_of_any_hook_ends_the_run_and_nothing_follows() -> Verdict {
    let calls = ["started", "found a", "executed a#1+", "found b", "executed b#1+", "completed 2"];
    for (position, call) in calls.into_iter().enumerate() {
        for late in [false, true] {
            let answer = move || if late { later(disk_full()) } else { disk_full() };
            let (spy, probe) = (Spy::scripted(move |made| if made == call { answer() } else { None }), Probe::new());
            let error = fail_when_stalled(spy.client().invoke(two_steps, probe)).await.expect_err("the disk is full");
            let RunErrorReason::Driver(problem) = error.reason() else { panic!("{error:?}") };
            assert_eq!(problem.to_string(), "the driver could not write to the journal: disk full");
            assert_eq!(spy.calls(), calls[..=position], "nothing follows `{call}`");
            let (ran_a, ran_b) = (position >= 2, position >= 4);
            assert_eq!((probe.count("a"), probe.count("b")), (usize::from(ran_a), usize::from(ran_b)), "{call}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_hook_for_errors_is_the_drivers() -> Verdict {
    #[workflow(retries = 5)]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        probe.note("entered");
        Err(WorkflowError::msg("no"))
    }
    let spy = Spy::scripted(|call| if call.starts_with("error") { disk_full() } else { None });
    let probe = Probe::new();
    let error = spy.client().start(failing, probe).await?.result().await.expect_err("the disk is full");
    assert!(matches!(error.reason(), RunErrorReason::Driver(_)), "{error:?}");
    assert_eq!(probe.count("entered"), 1);
    Ok(())
}

#[tokio::test]
async fn the_workflow_goes_on_only_after_the_hook_is_done() -> Verdict {
    let probe = Probe::new();
    let script = move |call: &str| {
        let call = call.to_owned();
        Some(Hook::later(async move {
            tokio::task::yield_now().await;
            probe.note(format!("{call} is done"));
            Ok(FlowControl::Continue)
        }))
    };
    let spy = Spy::scripted(script);
    assert_eq!(fail_when_stalled(spy.client().invoke(two_steps, probe)).await?, 2);
    let expected = [
        "started is done",
        "entered",
        "found a is done",
        "a",
        "executed a#1+ is done",
        "between",
        "found b is done",
        "b",
        "executed b#1+ is done",
        "completed 2 is done",
    ];
    assert_eq!(probe.notes(), expected);
    Ok(())
}

#[tokio::test]
async fn other_bodies_go_on_while_a_hook_waits() -> Verdict {
    #[workflow]
    async fn parallel(probe: Probe) -> WorkflowResult<usize> {
        let (quick, slow) = join!(
            step!("quick", probe.note("quick")),
            step!("slow", {
                // This gate is opened by the hook that is told of `quick`.
                probe.meet("gate", 2).await;
                probe.note("slow")
            }),
        )
        .await;
        Ok(quick? + slow?)
    }
    let probe = Probe::new();
    let script = move |call: &str| {
        (call == "executed quick#1+").then(|| {
            Hook::later(async move {
                probe.meet("gate", 2).await;
                probe.note("told");
                Ok(FlowControl::Continue)
            })
        })
    };
    let spy = Spy::scripted(script);
    assert_eq!(fail_when_stalled(spy.client().invoke(parallel, probe)).await?, 2);
    assert_eq!(probe.count("told"), 1);
    Ok(())
}

#[tokio::test]
async fn late_answers_reach_the_workflow_in_the_order_of_recording() -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<String> {
        let winner = race! {
            _ = step!("first", probe.in_turn("end", 0).await) => "first",
            _ = step!("second", probe.in_turn("end", 1).await) => "second",
        };
        Ok(winner.to_owned())
    }
    let spy = Spy::scripted(|call| if call.starts_with("executed first") { later(None) } else { None });
    assert_eq!(fail_when_stalled(spy.client().invoke(raced, Probe::new())).await?, "first");
    Ok(())
}

#[tokio::test]
async fn a_run_that_is_interrupted_at_its_end_is_re_entered() -> Verdict {
    let (spy, probe) = (Spy::scripted(once("completed 2", interrupt)), Probe::new());
    assert_eq!(fail_when_stalled(spy.client().invoke(two_steps, probe)).await?, 2);
    assert_eq!(probe.notes(), ["entered", "a", "between", "b", "entered", "between"]);
    assert_eq!(spy.calls().iter().filter(|call| *call == "completed 2").count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_run_that_is_interrupted_at_its_error_is_re_entered_at_once() -> Verdict {
    #[workflow]
    async fn second_time(probe: Probe) -> WorkflowResult<usize> {
        let once = step!("once", probe.note("once")).await?;
        match probe.note("entered") {
            1 => Err(WorkflowError::msg("first")),
            _ => Ok(once),
        }
    }
    let (spy, probe) = (Spy::scripted(once("error first (last)", interrupt)), Probe::new());
    assert_eq!(fail_when_stalled(spy.client().invoke(second_time, probe)).await?, 1);
    assert_eq!(spy.calls().last().map(String::as_str), Some("completed 1"));
    Ok(())
}

fn done(value: usize) -> Memo {
    let result = MemoResult::Value(Json::encode(&value).expect("a number is JSON"));
    Memo::Done { kind: OperationKind::Step, attempts: 1, result }
}

#[tokio::test]
async fn the_memos_of_a_run_are_used() -> Verdict {
    for by_start in [false, true] {
        let (spy, probe) = (Spy::with_memos(Memos::from_iter([("a", done(40))])), Probe::new());
        let client = spy.client();
        let value = if by_start {
            let run = client.start(two_steps, probe).await?;
            let value = run.result().await?;
            let executed: Vec<StepRecord> = run.steps();
            assert_eq!(executed.len(), 1, "what was recorded before is not executed");
            value
        } else {
            client.invoke(two_steps, probe).await?
        };
        assert_eq!(value, 41);
        assert_eq!(probe.notes(), ["entered", "between", "b"]);
        assert_eq!(spy.calls(), ["started", "found b", "executed b#1+", "completed 41"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_wait_for_a_retry_and_a_timer_are_awaited_on_the_drivers_host() -> Verdict {
    #[workflow]
    async fn waiting(probe: Probe) -> WorkflowResult<usize> {
        sleep("nap", Duration::from_secs(60)).await?;
        Ok(step!("flaky", backoff = Duration::from_secs(10), {
            match probe.note("attempt") {
                1 => Err("not yet")?,
                attempt => attempt,
            }
        })
        .await?)
    }
    let host = Arc::new(VirtualHost::new(1));
    let spy = Spy::on(Arc::new(InMemoryDriver::with_host(host.clone())));
    spy.client().invoke(waiting, Probe::new()).await?;
    assert_eq!(host.elapsed(), Duration::from_secs(70));
    Ok(())
}
