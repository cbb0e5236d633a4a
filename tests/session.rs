//! An engine's way to run a workflow: advance a session target by target, or rebuild it from memos before each one.

#[expect(dead_code, reason = "each test target uses a part of it")]
mod capture;
#[path = "conformance/probe.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod probe;

#[path = "session/divergence.rs"]
mod divergence;
#[path = "session/engine.rs"]
mod engine;
#[path = "session/foreign.rs"]
mod foreign;
#[path = "session/operations.rs"]
mod operations;

use std::time::{Duration, SystemTime};

use engine::{Boundary, failure_of, ids, input, rebuilt, session, step_value, through_json, value_of, walk};
use owf_runtime::kernel::{End, Memo, MemoResult, Memos, Outcome, RetryPolicy, StepId};
use owf_runtime::prelude::*;
use owf_runtime::{Action, Host, OperationKind, StepOutcome};
use probe::{Probe, fail_when_stalled};

#[workflow]
async fn three_steps(probe: Probe) -> WorkflowResult<usize> {
    let a = step!("a", probe.note("a")).await?;
    let b = step!("b", probe.note("b") + a).await?;
    Ok(step!("c", probe.note("c") + b).await?)
}

#[tokio::test]
async fn an_advance_without_a_target_only_plans() {
    let probe = Probe::new();
    let mut session = session(three_steps, &probe, Memos::new());
    for _ in 0..2 {
        let Outcome { ran, end } = session.advance(None).await;
        assert_eq!(ran, None);
        assert_eq!(ids(&end), ["a"]);
    }
    assert!(probe.notes().is_empty());
    assert!(session.memos().is_empty());
}

#[tokio::test]
async fn a_target_is_run_and_the_workflow_goes_on_with_its_value() {
    let probe = Probe::new();
    let mut session = session(three_steps, &probe, Memos::new());
    let outcome = session.advance(Some(&StepId::new("a"))).await;
    let record = outcome.ran.expect("`a` is the first step");
    assert_eq!((record.id.as_str(), record.attempt, record.kind), ("a", 1, OperationKind::Step));
    assert_eq!(record.outcome, StepOutcome::Succeeded { output: Some(input(&1)) });
    assert_eq!(ids(&outcome.end), ["b"]);
    assert_eq!(ids(&session.advance(Some(&StepId::new("b"))).await.end), ["c"]);
    let end = session.advance(Some(&StepId::new("c"))).await.end;
    assert_eq!(value_of::<usize>(&end), 3);
    assert_eq!(probe.notes(), ["a", "b", "c"]);
    let memos = session.into_memos();
    assert_eq!(memos.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn only_the_target_is_run() {
    #[workflow]
    async fn parallel(probe: Probe) -> WorkflowResult<usize> {
        let (a, b, c) =
            join!(step!("a", probe.note("a")), step!("b", probe.note("b")), step!("c", probe.note("c"))).await;
        let sum = a? + b? + c?;
        Ok(step!("after", sum).await?)
    }
    let probe = Probe::new();
    let mut session = session(parallel, &probe, Memos::new());
    assert_eq!(ids(&session.advance(None).await.end), ["a", "b", "c"]);
    assert_eq!(ids(&session.advance(Some(&StepId::new("b"))).await.end), ["a", "c"]);
    assert_eq!(probe.notes(), ["b"]);
    assert_eq!(ids(&session.advance(Some(&StepId::new("a"))).await.end), ["c"]);
    assert_eq!(ids(&session.advance(Some(&StepId::new("c"))).await.end), ["after"]);
    assert_eq!(probe.notes(), ["b", "a", "c"]);
    assert_eq!(value_of::<usize>(&session.advance(Some(&StepId::new("after"))).await.end), 3);
}

#[tokio::test]
async fn a_target_is_met_behind_memos() {
    let probe = Probe::new();
    let memos = Memos::from_iter([("a", step_value(10)), ("b", step_value(20))]);
    let outcome = session(three_steps, &probe, memos).advance(Some(&StepId::new("c"))).await;
    assert!(outcome.ran.is_some());
    assert_eq!(value_of::<usize>(&outcome.end), 21);
    assert_eq!(probe.notes(), ["c"]);
}

#[tokio::test]
async fn a_target_that_is_not_reached_gives_a_plan() {
    let probe = Probe::new();
    for target in ["renamed", "c", "b"] {
        let mut session = session(three_steps, &probe, Memos::from_iter([("a", step_value(1))]));
        let outcome = session.advance(Some(&StepId::new(target))).await;
        assert_eq!(outcome.ran.is_some(), target == "b");
        assert_eq!(ids(&outcome.end), [if target == "b" { "c" } else { "b" }]);
    }
    assert_eq!(probe.notes(), ["b"]);
}

#[tokio::test]
async fn a_target_that_is_done_is_not_run_again() {
    let probe = Probe::new();
    let mut session = session(three_steps, &probe, Memos::from_iter([("a", step_value(1))]));
    let outcome = session.advance(Some(&StepId::new("a"))).await;
    assert_eq!((outcome.ran, ids(&outcome.end)), (None, vec!["b"]));
    assert!(probe.notes().is_empty());
}

#[tokio::test]
async fn a_plan_tells_what_an_engine_needs() {
    #[workflow(retries = 7)]
    async fn planned(_: ()) -> WorkflowResult<()> {
        let backoff = Backoff::exponential(Duration::from_secs(2));
        let (plain, own, nap) = join!(
            step!("plain", ()),
            step!("own", retries = 1, backoff = backoff, timeout = Duration::from_secs(30), ()),
            sleep("nap", Duration::from_secs(60)),
        )
        .await;
        plain?;
        own?;
        nap?;
        Ok(())
    }
    let End::Blocked(operations) = session(planned, &(), Memos::new()).advance(None).await.end else { panic!() };
    let default = RetryPolicy { retries: 7, ..RetryPolicy::default() };
    assert_eq!(operations[0].action, Action::Run { attempt: 1, not_before: None, retry: default, timeout: None });
    let own = RetryPolicy { retries: 1, backoff: Backoff::exponential(Duration::from_secs(2)) };
    let timeout = Some(Duration::from_secs(30));
    assert_eq!(operations[1].action, Action::Run { attempt: 1, not_before: None, retry: own, timeout });
    let (since, until) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(60));
    assert_eq!(operations[2].action, Action::Sleep { since, until, is_dated: false });
    assert!(operations.iter().all(|operation| operation.location.file().ends_with("session.rs")));
}

#[workflow]
async fn flaky(probe: Probe) -> WorkflowResult<usize> {
    let value = step!("flaky", retries = 2, backoff = Duration::from_secs(60), {
        match probe.note("attempt") {
            3 => 3,
            attempt => Err(format!("attempt {attempt}"))?,
        }
    })
    .await?;
    Ok(step!("after", value + 1).await?)
}

#[tokio::test]
async fn a_live_session_makes_the_next_attempt_of_a_target() {
    let (probe, target) = (Probe::new(), StepId::new("flaky"));
    let mut session = session(flaky, &probe, Memos::new());
    for attempt in 1..=2_u32 {
        let Outcome { ran, end } = session.advance(Some(&target)).await;
        let record = ran.expect("the target is reached");
        assert_eq!(record.attempt, attempt);
        let StepOutcome::Retrying { failure, not_before } = record.outcome else { panic!("{record:?}") };
        assert_eq!(failure.message(), format!("attempt {attempt}"));
        let End::Blocked(operations) = end else { panic!("{end:?}") };
        let Action::Run { attempt: next, not_before: wait, .. } = operations[0].action else { panic!() };
        assert_eq!((next, wait), (attempt + 1, Some(not_before)));
        assert_eq!(probe.count("attempt"), attempt as usize, "one attempt for each advance");
    }
    assert_eq!(ids(&session.advance(Some(&target)).await.end), ["after"]);
}

#[tokio::test]
async fn used_up_retries_reach_the_workflow() {
    #[workflow]
    async fn failing(_: ()) -> WorkflowResult<String> {
        let failed = step!("fails", retries = 1, Err::<u32, _>("always")?).await;
        let error = failed.expect_err("it fails each time").to_string();
        Ok(step!("compensate", error.clone()).await?)
    }
    let boundaries = walk(failing, &(), |_| 0).await;
    let ran: Vec<(String, u32)> = boundaries.iter().map(Boundary::ran).collect();
    assert_eq!(ran, [("fails".to_owned(), 1), ("fails".to_owned(), 2), ("compensate".to_owned(), 1)]);
    let end = &boundaries[2].outcome.end;
    assert_eq!(value_of::<String>(end), "step `fails` failed after 2 attempts: always");
}

#[tokio::test]
async fn a_failing_target_is_attempted_by_rebuilt_sessions() {
    let (probe, target) = (Probe::new(), StepId::new("flaky"));
    let mut memos = Memos::new();
    for attempt in 1..=3 {
        let mut session = session(flaky, &probe, through_json(&memos));
        let record = session.advance(Some(&target)).await.ran.expect("the target is reached");
        assert_eq!(record.attempt, attempt);
        memos = session.into_memos();
    }
    assert_eq!(
        memos.get("flaky"),
        Some(&Memo::Done { kind: OperationKind::Step, attempts: 3, result: MemoResult::Value(input(&3)) })
    );
}

#[tokio::test]
async fn a_workflows_error_and_panic_end_the_session() {
    #[workflow]
    async fn ending(panics: bool) -> WorkflowResult<u32> {
        let n = step!("n", 1).await?;
        assert!(!panics, "at {n}");
        Err(WorkflowError::fatal("no"))
    }
    let target = StepId::new("n");
    let failed = session(ending, &false, Memos::new()).advance(Some(&target)).await.end;
    assert_eq!(failure_of(&failed), "no");
    let panicked = session(ending, &true, Memos::new()).advance(Some(&target)).await.end;
    assert_eq!(failure_of(&panicked), "panicked: at 1");
}

#[tokio::test]
async fn an_input_of_another_type_is_refused() {
    let options = engine::options();
    let refused = owf_runtime::kernel::Session::new(three_steps, engine::run(), input("text"), Memos::new(), options);
    let text = refused.expect_err("a text is no probe").to_string();
    assert!(text.contains("Probe") && !text.contains("text"), "{text}");
}

#[tokio::test]
async fn a_result_that_cannot_be_encoded_ends_the_session() {
    #[workflow]
    async fn pairs(_: ()) -> WorkflowResult<std::collections::BTreeMap<(u32, u32), u32>> {
        Ok([((1, 2), 3)].into())
    }
    let end = session(pairs, &(), Memos::new()).advance(None).await.end;
    assert!(matches!(end, End::Unstorable(_)), "{end:?}");
}

/// Many kinds of operations, some in parallel, with IDs that repeat.
#[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
async fn mixture(rounds: u32) -> WorkflowResult<Vec<String>> {
    let mut log = Vec::new();
    for round in 0..rounds {
        let (left, right, failed) = join!(
            async {
                let a = step!("work", format!("left {round}")).await?;
                let b = step!("work", format!("{a}+")).await?;
                Ok::<_, StepError>(b)
            },
            async {
                let a = step!("work", format!("right {round}")).await?;
                let raced = race! {
                    value = step!("race", format!("{a} first")) => value?,
                    value = step!("race", format!("{a} second")) => value?,
                };
                step!("work", format!("{raced}!")).await
            },
            step!(
                "fails",
                retries = 1,
                backoff = Duration::from_secs(1),
                Err::<String, _>(format!("failure {round}"))?
            ),
        )
        .await;
        log.extend([left?, right?, failed.map_err(|error| error.to_string()).unwrap_or_else(|error| error)]);
    }
    log.push(step!("last", log.join("|")).await?);
    Ok(log)
}

#[tokio::test]
async fn a_rebuilt_session_answers_as_a_live_one_at_every_boundary() {
    type Pick = fn(usize) -> usize;
    let picks: [Pick; 4] = [|_| 0, |open| open - 1, |open| open / 2, |open| (open * 7 + 3) % open];
    for pick in picks {
        let boundaries = walk(mixture, &3, pick).await;
        assert!(boundaries.len() > 20, "{}", boundaries.len());
        for Boundary { before, target, outcome } in &boundaries {
            let rebuilt = rebuilt(mixture, &3, before).advance(Some(target)).await;
            assert_eq!(&rebuilt, outcome, "target `{target}` with {before:?}");
        }
    }
}

#[tokio::test]
async fn the_order_of_parallel_targets_does_not_matter_for_joins() {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn joined(_: ()) -> WorkflowResult<Vec<u32>> {
        let (a, b, c) = join!(
            async { Ok::<_, StepError>(step!("same", 1).await? + step!("same", 10).await?) },
            step!("b", 2),
            async { Ok::<_, StepError>(step!("same", 3).await? + step!("same", 30).await?) },
        )
        .await;
        Ok(vec![a?, b?, c?])
    }
    for seed in 0..120_usize {
        let boundaries = walk(joined, &(), |open| seed / (open + 1) % open).await;
        let last = boundaries.last().expect("there are steps");
        assert_eq!(value_of::<Vec<u32>>(&last.outcome.end), [11, 2, 33], "seed {seed}");
        let replayed = rebuilt(joined, &(), &last.after_last()).advance(None).await;
        assert_eq!(replayed, Outcome { ran: None, end: last.outcome.end.clone() });
    }
}

#[tokio::test]
async fn a_race_has_the_same_winner_when_rebuilt() {
    #[workflow]
    async fn raced(_: ()) -> WorkflowResult<(u32, u32)> {
        let winner = race! {
            value = step!("a", 1) => value?,
            value = step!("b", 2) => value?,
            value = step!("c", 3) => value?,
        };
        Ok((winner, step!("after", winner * 10).await?))
    }
    for (target, expected) in [("a", 1), ("b", 2), ("c", 3)] {
        let mut first = session(raced, &(), Memos::new());
        first.advance(Some(&StepId::new(target))).await;
        let mut memos = first.into_memos();
        // The losers end, too, and are recorded after the winner.
        for loser in ["a", "b", "c"].into_iter().filter(|id| *id != target) {
            memos.insert(loser, step_value(99));
        }
        let mut second = session(raced, &(), through_json(&memos));
        let end = second.advance(Some(&StepId::new("after"))).await.end;
        assert_eq!(value_of::<(u32, u32)>(&end), (expected, expected * 10));
    }
}

#[workflow]
async fn napping(probe: Probe) -> WorkflowResult<usize> {
    step!("before", probe.note("before")).await?;
    sleep("nap", Duration::from_secs(60)).await?;
    Ok(step!("after", probe.note("after")).await?)
}

#[tokio::test]
async fn a_timer_is_resolved_from_outside() {
    let (probe, nap) = (Probe::new(), StepId::new("nap"));
    let mut live = session(napping, &probe, Memos::new());
    assert_eq!(ids(&live.advance(Some(&StepId::new("before"))).await.end), ["nap"]);
    assert_eq!(ids(&live.advance(Some(&nap)).await.end), ["nap"], "a timer is no step to run");
    live.resolve(&nap, OperationKind::Sleep, MemoResult::Value(input(&())));
    assert_eq!(ids(&live.advance(None).await.end), ["after"]);
    let memos = live.into_memos();
    let end = session(napping, &probe, through_json(&memos)).advance(Some(&StepId::new("after"))).await.end;
    assert_eq!(value_of::<usize>(&end), 1);
    assert_eq!(probe.notes(), ["before", "after"]);
}

#[tokio::test]
async fn a_timer_keeps_its_time_over_a_rebuild() {
    let engine = engine::Engine::new();
    let probe = Probe::new();
    let mut first = engine.session(napping, &probe, Memos::from_iter([("before", step_value(1))]));
    let End::Blocked(planned) = first.advance(None).await.end else { panic!() };
    engine.host.sleep_until(SystemTime::UNIX_EPOCH + Duration::from_secs(45)).await;
    let mut second = engine.session(napping, &probe, through_json(&first.into_memos()));
    let End::Blocked(planned_again) = second.advance(None).await.end else { panic!() };
    assert_eq!(planned, planned_again);
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(60);
    assert_eq!(planned[0].action, Action::Sleep { since: SystemTime::UNIX_EPOCH, until, is_dated: false });
}

#[tokio::test]
async fn a_step_may_be_resolved_from_outside() {
    #[workflow]
    async fn two(_: ()) -> WorkflowResult<String> {
        let (value, error) = join!(step!("value", 1), step!("error", 2)).await;
        Ok(format!("{} {}", value?, error.map_or_else(|error| error.to_string(), |n| n.to_string())))
    }
    let mut live = session(two, &(), Memos::new());
    live.advance(None).await;
    live.resolve(&StepId::new("value"), OperationKind::Step, MemoResult::Value(input(&40)));
    let failure = owf_runtime::Failure::msg("elsewhere");
    live.resolve(&StepId::new("error"), OperationKind::Step, MemoResult::Error(failure));
    let end = live.advance(None).await.end;
    assert_eq!(value_of::<String>(&end), "40 step `error` failed: elsewhere");
    let replayed = rebuilt(two, &(), live.memos()).advance(None).await.end;
    assert_eq!(replayed, end);
}

#[tokio::test]
async fn a_timer_that_is_resolved_first_wins_its_race() {
    #[workflow]
    async fn raced(_: ()) -> WorkflowResult<String> {
        let winner = race! {
            value = step!("ask", "answer".to_owned()) => value?,
            _ = sleep("patience", Duration::from_secs(60)) => "gave up".to_owned(),
        };
        Ok(step!("after", winner.clone()).await?)
    }
    let mut live = session(raced, &(), Memos::new());
    assert_eq!(ids(&live.advance(None).await.end), ["ask", "patience"]);
    live.resolve(&StepId::new("patience"), OperationKind::Sleep, MemoResult::Value(input(&())));
    let outcome = live.advance(Some(&StepId::new("ask"))).await;
    assert_eq!((outcome.ran, ids(&outcome.end)), (None, vec!["after"]));
    let end = live.advance(Some(&StepId::new("after"))).await.end;
    assert_eq!(value_of::<String>(&end), "gave up");
}

#[tokio::test]
async fn a_body_may_wait_while_a_session_advances() {
    #[workflow]
    async fn waiting(probe: Probe) -> WorkflowResult<usize> {
        let (a, b) = join!(
            step!("a", 1),
            step!("b", {
                probe.meet("gate", 2).await;
                2
            })
        )
        .await;
        Ok(a? + b?)
    }
    let probe = Probe::new();
    let mut session = session(waiting, &probe, Memos::from_iter([("a", step_value(1))]));
    let advance = tokio::spawn(async move { session.advance(Some(&StepId::new("b"))).await });
    probe.meet("gate", 2).await;
    let outcome = fail_when_stalled(advance).await.expect("the advance does not panic");
    assert_eq!(value_of::<usize>(&outcome.end), 3);
}

#[tokio::test]
async fn an_advance_that_is_dropped_midway_records_nothing() {
    #[workflow]
    async fn stuck(probe: Probe) -> WorkflowResult<usize> {
        let a = step!("a", probe.note("a")).await?;
        let b = step!("b", {
            let _guard = probe.drop_guard("dropped");
            if probe.note("b") == 1 {
                std::future::pending::<()>().await;
            }
            a + 1
        });
        Ok(b.await?)
    }
    let (probe, target) = (Probe::new(), StepId::new("b"));
    let mut first = session(stuck, &probe, Memos::new());
    first.advance(Some(&StepId::new("a"))).await;
    {
        let mut advance = std::pin::pin!(first.advance(Some(&target)));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(advance.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
    }
    let memos = first.into_memos();
    assert_eq!(probe.notes(), ["a", "b", "dropped"], "the body ends with the session");
    assert_eq!(memos.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["a"]);
    let end = session(stuck, &probe, memos).advance(Some(&target)).await.end;
    assert_eq!(value_of::<usize>(&end), 2);
}

#[test]
fn a_session_may_move_between_threads() {
    fn assert_send<T: Send + 'static>(value: T) -> T {
        value
    }
    let mut session = assert_send(session(three_steps, &Probe::new(), Memos::new()));
    let advance = |session: &mut owf_runtime::kernel::Session, target: &'static str| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let target = StepId::new(target);
        runtime.block_on(session.advance(Some(&target))).end
    };
    for (target, next) in [("a", "b"), ("b", "c")] {
        let end = std::thread::scope(|scope| scope.spawn(|| advance(&mut session, target)).join());
        assert_eq!(ids(&end.expect("the thread does not panic")), [next]);
    }
    assert_eq!(value_of::<usize>(&advance(&mut session, "c")), 3);
}
