//! The contract of `Driver`, as the kernel keeps it whatever a driver answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{
    FlowControl, Hook, Json, Memo, MemoResult, Memos, OnDivergence, OperationKind, RunErrorReason, RunStatus,
    StepRecord, VirtualHost,
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
            let executed: Vec<StepRecord> = run.steps().await?;
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

#[tokio::test]
async fn a_hook_that_panics_interrupts_the_run_and_it_is_taken_up_again() -> Verdict {
    let panics = || Some(Hook::later(async { panic!("the driver is broken") }));
    let (spy, probe) = (Spy::scripted(once("executed b#1+", panics)), Probe::new());
    let client = spy.client();
    let run = client.start(two_steps, probe).id("run").await?;
    let error = run.result().await.expect_err("the driver panics");
    assert!(matches!(error.reason(), RunErrorReason::Panicked(_)), "{error:?}");
    assert!(error.to_string().contains("the driver is broken"), "{error}");
    assert_eq!(run.status().await?, RunStatus::Interrupted);
    client.start(two_steps, probe).id("run").await?.result().await?;
    Ok(())
}

/// On a runtime of its own, whose clock a test may pause.
fn block_on<T>(paused: bool, test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(paused).build().expect("a runtime starts").block_on(test)
}

#[test]
fn a_run_whose_runtime_was_shut_down_is_taken_up_on_another() {
    let (client, probe) = (WorkflowClient::new(CheckpointInMemoryDriver::new()), Probe::new());
    #[workflow]
    async fn gated(probe: Probe) -> WorkflowResult<usize> {
        step!("a", probe.note("a")).await?;
        let is_first = probe.note("waits") == 1;
        Ok(step!("b", if is_first { std::future::pending().await } else { 7 }).await?)
    }
    let run = block_on(false, async {
        let run = client.start(gated, probe).id("run").await?;
        while probe.count("waits") == 0 {
            tokio::task::yield_now().await;
        }
        Ok::<_, RunError>(run)
    })
    .expect("it starts");
    block_on(false, async {
        assert_eq!(run.status().await?, RunStatus::Interrupted);
        let lost = run.result().await.expect_err("its task is gone");
        assert!(lost.to_string().contains("start it again"), "{lost}");
        let again = client.start(gated, probe).id("run").await?;
        assert_eq!(again.result().await?, 7);
        Ok::<_, RunError>(())
    })
    .expect("it is taken up");
    assert_eq!(probe.count("a"), 1, "what is recorded is not repeated");
}

#[test]
fn the_system_host_follows_a_clock_that_tokio_has_paused() {
    #[workflow]
    async fn nap() -> WorkflowResult<()> {
        sleep("week", Duration::from_secs(7 * 24 * 3600)).await?;
        Ok(sleep("day", Duration::from_secs(24 * 3600)).await?)
    }
    block_on(true, async {
        WorkflowClient::new(InMemoryDriver::new()).invoke(nap, ()).await?;
        WorkflowClient::new(CheckpointInMemoryDriver::new()).invoke(nap, ()).await
    })
    .expect("it wakes up");
}

#[tokio::test]
async fn a_run_with_another_input_is_not_taken_up() -> Verdict {
    // Its clients share no runs, so that only the driver knows of the first one.
    let (driver, probe) = (Spy::on(Arc::new(CheckpointInMemoryDriver::new())), Probe::new());
    #[workflow]
    async fn pending(probe: Probe) -> WorkflowResult<()> {
        probe.note("entered");
        Ok(step!("never", std::future::pending().await).await?)
    }
    let (first, second) = (driver.client(), driver.client());
    let _run = first.start(pending, probe).id("run").await?;
    while probe.count("entered") == 0 {
        tokio::task::yield_now().await;
    }
    let error = second.start(pending, Probe::new()).id("run").await?.result().await.expect_err("another input");
    assert!(matches!(error.reason(), RunErrorReason::Driver(_)), "{error:?}");
    assert!(error.to_string().contains("another input"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_run_that_strays_further_on_every_pass_is_ended() -> Verdict {
    let probe = Probe::new();
    #[workflow]
    async fn straying(probe: Probe) -> WorkflowResult<usize> {
        let pass = probe.note("entered");
        step!(format!("effect-{pass}"), probe.note("effect")).await?;
        Ok(step!("end", 1).await?)
    }
    let client = WorkflowClient::new(CheckpointInMemoryDriver::new()).on_divergence(OnDivergence::Ignore);
    let error = client.invoke(straying, probe).await.expect_err("it has no end");
    assert!(matches!(error.reason(), RunErrorReason::Diverged(_)), "{error:?}");
    assert_eq!(probe.count("effect"), 16);
    Ok(())
}
