//! Recorded steps and today's code disagree.

use std::time::Duration;

use owf_runtime::kernel::{Divergence, End, Memo, MemoResult, Memos, OnDivergence, OperationKind, Session, StepId};
use owf_runtime::prelude::*;

use crate::capture::Capture;
use crate::engine::{Engine, ids, input, step_value, through_json, value_of};
use crate::probe::Probe;

/// The workflow of yesterday, which recorded `a`, `b` and `c`.
fn recorded() -> Memos {
    through_json(&Memos::from_iter([("a", step_value(1)), ("b", step_value(2)), ("c", step_value(3))]))
}

fn ignoring<W: owf_runtime::Workflow>(workflow: W, value: &W::Input, memos: Memos) -> Session {
    Engine::with_policy(OnDivergence::Ignore).session(workflow, value, memos)
}

#[tokio::test]
async fn reordered_steps_keep_their_values() {
    #[workflow]
    async fn reordered(_: ()) -> WorkflowResult<Vec<u32>> {
        let c = step!("c", 0).await?;
        let a = step!("a", 0).await?;
        let b = step!("b", 0).await?;
        Ok(vec![a, b, c])
    }
    let end = Engine::new().session(reordered, &(), recorded()).advance(None).await.end;
    assert_eq!(value_of::<Vec<u32>>(&end), [1, 2, 3], "an order of its own is no divergence");
}

#[tokio::test]
async fn an_inserted_step_is_run() {
    #[workflow]
    async fn inserted(_: ()) -> WorkflowResult<Vec<u32>> {
        let a = step!("a", 0).await?;
        let new = step!("new", 10).await?;
        let b = step!("b", 0).await?;
        let c = step!("c", 0).await?;
        Ok(vec![a, new, b, c])
    }
    let mut session = ignoring(inserted, &(), recorded());
    assert_eq!(ids(&session.advance(None).await.end), ["new"]);
    let end = session.advance(Some(&StepId::new("new"))).await.end;
    assert_eq!(value_of::<Vec<u32>>(&end), [1, 10, 2, 3]);
}

#[tokio::test]
async fn a_removed_step_is_left_in_the_record() {
    #[workflow]
    async fn removed(_: ()) -> WorkflowResult<u32> {
        Ok(step!("a", 0).await? + step!("c", 0).await?)
    }
    let mut session = ignoring(removed, &(), recorded());
    let end = session.advance(None).await.end;
    assert_eq!(value_of::<u32>(&end), 4);
    assert_eq!(session.into_memos().get("b"), Some(&step_value(2)));
}

#[workflow]
async fn renamed(probe: Probe) -> WorkflowResult<u32> {
    let a = step!("a", 0).await?;
    let b = step!("b-new", {
        probe.note("effect");
        20
    })
    .await?;
    Ok(a + b + step!("c", 0).await?)
}

#[tokio::test]
async fn a_renamed_step_is_run_under_its_new_name() {
    let mut session = ignoring(renamed, &Probe::new(), recorded());
    let outcome = session.advance(Some(&StepId::new("b"))).await;
    assert_eq!((outcome.ran, ids(&outcome.end)), (None, vec!["b-new"]), "the old name leads nowhere");
    let end = session.advance(Some(&StepId::new("b-new"))).await.end;
    assert_eq!(value_of::<u32>(&end), 24);
}

#[workflow]
async fn shortened(_: ()) -> WorkflowResult<u32> {
    Ok(step!("b", 0).await?)
}

#[tokio::test]
async fn steps_that_are_not_met_fail_a_strict_session_at_its_end() {
    let end = Engine::new().session(shortened, &(), recorded()).advance(None).await.end;
    let End::Diverged(divergence) = end else { panic!("{end:?}") };
    assert_eq!(divergence, Divergence::NotMet { steps: vec![StepId::new("a"), StepId::new("c")] });
    let text = divergence.to_string();
    assert!(text.contains("`a`, `c` were not met again"), "{text}");
}

#[tokio::test]
async fn steps_that_are_not_met_fail_a_strict_session_before_a_new_step_runs() {
    let probe = Probe::new();
    let mut memos = recorded();
    memos.insert("d", step_value(4));
    let outcome = Engine::new().session(renamed, &probe, memos).advance(Some(&StepId::new("b-new"))).await;
    assert_eq!(outcome.ran, None);
    assert_eq!(probe.count("effect"), 0);
    // `c` may yet be met after the new step, `b` and `d` are listed with it all the same.
    let End::Diverged(Divergence::NotMet { steps }) = outcome.end else { panic!("{:?}", outcome.end) };
    assert!(steps.contains(&StepId::new("b")) && steps.contains(&StepId::new("d")), "{steps:?}");
}

#[tokio::test]
async fn steps_that_are_not_met_are_warned_of() {
    let (capture, _guard) = Capture::begin();
    let end = Engine::with_policy(OnDivergence::Warn).session(shortened, &(), recorded()).advance(None).await.end;
    assert_eq!(value_of::<u32>(&end), 2);
    let warnings = capture.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for part in ["`workflow`", "`run-1`", "`a`, `c` were not met again"] {
        assert!(warnings[0].contains(part), "{}", warnings[0]);
    }
}

#[tokio::test]
async fn a_divergence_may_be_ignored() {
    let (capture, _guard) = Capture::begin();
    let end = ignoring(shortened, &(), recorded()).advance(None).await.end;
    assert_eq!(value_of::<u32>(&end), 2);
    assert!(capture.warnings().is_empty());
}

#[tokio::test]
async fn a_replay_of_the_same_code_is_not_warned_of() {
    #[workflow]
    async fn same(_: ()) -> WorkflowResult<u32> {
        Ok(step!("a", 0).await? + step!("b", 0).await? + step!("c", 0).await? + step!("d", 4).await?)
    }
    let (capture, _guard) = Capture::begin();
    let mut session = Engine::with_policy(OnDivergence::Warn).session(same, &(), recorded());
    assert_eq!(ids(&session.advance(None).await.end), ["d"]);
    assert_eq!(value_of::<u32>(&session.advance(Some(&StepId::new("d"))).await.end), 10);
    assert!(capture.warnings().is_empty(), "{:?}", capture.warnings());
}

/// What was recorded as a sleep is a step today, and the other way round.
#[workflow]
async fn swapped(_: ()) -> WorkflowResult<u32> {
    let step = step!("was-sleep", 7).await?;
    sleep("was-step", Duration::from_secs(60)).await?;
    Ok(step!("after", step).await?)
}

fn recorded_kinds() -> Memos {
    let slept = Memo::Done { kind: OperationKind::Sleep, attempts: 1, result: MemoResult::Value(input(&())) };
    through_json(&Memos::from_iter([("was-sleep", slept), ("was-step", step_value(1))]))
}

#[tokio::test]
async fn an_operation_of_another_kind_fails_a_strict_session() {
    let end = Engine::new().session(swapped, &(), recorded_kinds()).advance(Some(&StepId::new("was-sleep"))).await;
    assert_eq!(end.ran, None);
    let End::Diverged(Divergence::OtherKind { step, recorded, met, location }) = &end.end else { panic!("{end:?}") };
    assert_eq!((step.as_str(), *recorded, *met), ("was-sleep", OperationKind::Sleep, OperationKind::Step));
    assert!(location.file().ends_with("divergence.rs"), "{location}");
}

#[tokio::test]
async fn a_step_that_was_recorded_as_a_sleep_is_run_otherwise() {
    for policy in [OnDivergence::Ignore, OnDivergence::Warn] {
        let (capture, _guard) = Capture::begin();
        let mut session = Engine::with_policy(policy).session(swapped, &(), recorded_kinds());
        let outcome = session.advance(Some(&StepId::new("was-sleep"))).await;
        assert!(outcome.ran.is_some());
        assert_eq!(ids(&outcome.end), ["was-step"], "a timer that was a step is found as one that is over");
        session.resolve(&StepId::new("was-step"), OperationKind::Sleep, MemoResult::Value(input(&())));
        let end = session.advance(Some(&StepId::new("after"))).await.end;
        assert_eq!(value_of::<u32>(&end), 7);
        let warned =
            capture.warnings().iter().filter(|text| text.contains("`was-sleep` was recorded as a sleep")).count();
        assert_eq!(warned, usize::from(policy == OnDivergence::Warn), "{:?}", capture.warnings());
    }
}

#[tokio::test]
async fn a_value_of_another_type_fails_under_every_policy() {
    #[workflow]
    async fn text(_: ()) -> WorkflowResult<String> {
        Ok(step!("a", "today".to_owned()).await?)
    }
    for policy in [OnDivergence::Ignore, OnDivergence::Warn, OnDivergence::Fail] {
        let memos = Memos::from_iter([("a", step_value(4242))]);
        let end = Engine::with_policy(policy).session(text, &(), memos).advance(None).await.end;
        let End::Diverged(divergence) = end else { panic!("{end:?}") };
        let Divergence::OtherType { step, problem, .. } = &divergence else { panic!("{divergence:?}") };
        assert_eq!(step.as_str(), "a");
        assert!(problem.type_name().contains("String"), "{problem}");
        assert!(!divergence.to_string().contains("4242"), "a message quotes no payload: {divergence}");
    }
}

#[tokio::test]
async fn an_undecodable_value_within_a_join_fails_as_well() {
    #[workflow]
    async fn joined(_: ()) -> WorkflowResult<u32> {
        let (a, b) = join!(step!("a", 1), async { step!("b", 2).await }).await;
        Ok(a? + b?)
    }
    let memos = Memos::from_iter([("b", step_value("text"))]);
    let outcome = Engine::new().session(joined, &(), memos).advance(Some(&StepId::new("a"))).await;
    assert_eq!(outcome.ran, None);
    assert!(matches!(outcome.end, End::Diverged(Divergence::OtherType { .. })), "{:?}", outcome.end);
}
