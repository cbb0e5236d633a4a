//! Engines that keep memos under names and in a form of their own, and enter the workflow anew for each step.

use std::time::Duration;

use owf_runtime::kernel::{Dialect, End, Memos, Outcome, Session, StepId};
use owf_runtime::prelude::*;
use owf_runtime::{Action, Json, MemoResult, OperationKind, StepOutcome, Workflow};
use serde_json::Value;

use crate::engine::{ids, input, options, run, value_of};
use crate::probe::Probe;

/// An engine that writes names backwards, and knows no kinds.
const BACKWARDS: Dialect = Dialect { name: backwards, read, unwrap: |_| None, is_timeout: |_| false };

fn backwards(id: &str) -> StepId {
    StepId::from(id.chars().rev().collect::<String>())
}

fn read(kind: OperationKind, json: &Json) -> Option<(MemoResult, u32)> {
    match (kind, json.as_str()) {
        (_, "\"nothing\"") => None,
        (OperationKind::Sleep, _) => Some((MemoResult::Value(Json::null()), 1)),
        _ => Some((MemoResult::Value(json.clone()), 3)),
    }
}

fn recorded(entries: &[(&str, Value)]) -> Memos {
    let entry = |(id, value): &(&str, Value)| (backwards(id), input(value));
    Memos::of_engine(BACKWARDS, entries.iter().map(entry).collect::<Vec<_>>())
}

fn session<W: Workflow>(workflow: W, value: &W::Input, memos: Memos) -> Session {
    Session::new(workflow, run(), input(value), memos, options()).expect("the input is of the workflow's type")
}

#[workflow]
async fn mixed(probe: Probe) -> WorkflowResult<u32> {
    let a = step!("a", probe.note("a") as u32).await?;
    sleep("nap", Duration::from_secs(9)).await?;
    let mut sum = a;
    for _ in 0..3 {
        sum += step!("again", probe.note("again") as u32).await?;
    }
    Ok(sum)
}

#[tokio::test]
async fn what_an_engine_recorded_is_read_where_it_is_met() {
    let probe = Probe::new();
    let memos =
        recorded(&[("a", 100.into()), ("nap", "any form".into()), ("again", 20.into()), ("again:1", 30.into())]);
    let mut session = session(mixed, &probe, memos);
    assert_eq!(ids(&session.advance(None).await.end), ["again:2"]);
    let end = session.advance(Some(&"again:2".into())).await.end;
    assert_eq!(value_of::<u32>(&end), 151);
    assert_eq!(probe.notes(), ["again"]);
    let written = session.written(&"again:2".into());
    assert_eq!(written, (StepId::new("again"), Some(2)));
    assert_eq!(session.written(&"a".into()), (StepId::new("a"), None));
}

#[tokio::test]
async fn what_an_engine_says_is_no_result_is_to_be_run() {
    let probe = Probe::new();
    let mut session = session(mixed, &probe, recorded(&[("a", "nothing".into())]));
    assert_eq!(ids(&session.advance(None).await.end), ["a"]);
}

#[tokio::test]
async fn a_race_is_won_in_the_engines_order() {
    #[workflow]
    async fn raced() -> WorkflowResult<u32> {
        Ok(race! {
            a = step!("a", 1) => a?,
            b = step!("b", 2) => b?,
        })
    }
    for (order, winner) in [(["a", "b"], 1), (["b", "a"], 2)] {
        let memos = order.map(|id| (id, Value::from(if id == "a" { 1 } else { 2 })));
        assert_eq!(value_of::<u32>(&session(raced, &(), recorded(&memos)).advance(None).await.end), winner);
    }
    let mut open = session(raced, &(), Memos::new());
    let End::Blocked(operations) = open.advance(None).await.end else { panic!("it waits") };
    assert!(operations.iter().all(|operation| operation.is_racing) && open.has_raced());
}

#[tokio::test]
async fn an_attempt_stops_before_the_workflow_goes_on() {
    #[workflow]
    async fn two(probe: Probe) -> WorkflowResult<usize> {
        let a = step!("a", probe.note("a")).await?;
        probe.note("went on");
        Ok(step!("b", probe.note("b")).await? + a)
    }
    let probe = Probe::new();
    let mut session = session(two, &probe, Memos::new());
    assert_eq!(ids(&session.advance(None).await.end), ["a"]);
    let record = session.attempt(&"a".into()).await.expect("it is met");
    assert_eq!(record.outcome, StepOutcome::Succeeded { output: Some(input(&1)) });
    assert_eq!(probe.notes(), ["a"], "the workflow has not had the result");
    assert_eq!(session.attempt(&"gone".into()).await, None);
    assert_eq!(ids(&session.advance(None).await.end), ["b"]);
    assert_eq!(probe.notes(), ["a", "went on"]);
}

#[tokio::test]
async fn an_engine_counts_attempts_and_has_defaults_of_its_own() {
    #[workflow]
    async fn failing() -> WorkflowResult<()> {
        Ok(step!("fails", Err::<(), _>("no")?).await?)
    }
    for (made, retries, is_last) in [(0, 9, false), (8, 9, false), (9, 9, true), (0, 0, true)] {
        let mut options = options();
        options.retries_default = Some(retries);
        let mut session = Session::new(failing, run(), input(&()), Memos::new(), options).expect("no input");
        session.advance(None).await;
        session.set_attempts(&"fails".into(), made);
        let record = session.attempt(&"fails".into()).await.expect("it is met");
        assert_eq!(record.attempt, made + 1);
        assert_eq!(matches!(record.outcome, StepOutcome::Failed { .. }), is_last, "{made} of {retries}");
    }
}

#[tokio::test]
async fn values_wait_where_an_engine_records_them() {
    #[workflow]
    async fn drawn() -> WorkflowResult<(u32, u32)> {
        let (a, b) = join!(random::<u32>("a"), random::<u32>("b")).await;
        Ok((a?, b?))
    }
    let mut options = options();
    options.asks_for_values = true;
    let mut session = Session::new(drawn, run(), input(&()), Memos::new(), options.clone()).expect("no input");
    let End::Blocked(operations) = session.advance(None).await.end else { panic!("it waits") };
    assert!(operations.iter().all(|operation| operation.action == Action::Value));
    let record = session.attempt(&"b".into()).await.expect("it is met");
    assert_eq!(record.kind, OperationKind::Value);
    let Outcome { ran, end } = session.advance(Some(&"a".into())).await;
    assert!(ran.is_some());
    let drawn_values = value_of::<(u32, u32)>(&end);
    let StepOutcome::Succeeded { output: Some(b) } = record.outcome else { panic!("it has a value") };
    assert_eq!(b.decode::<u32>().expect("a number"), drawn_values.1);
    let memos = session.into_memos();
    let replayed = Session::new(drawn, run(), input(&()), memos, options).expect("no input").advance(None).await.end;
    assert_eq!(value_of::<(u32, u32)>(&replayed), drawn_values);
}

#[tokio::test]
async fn an_engine_says_which_failure_is_for_good() {
    #[workflow(retries = 5)]
    async fn undoing(probe: Probe) -> WorkflowResult<()> {
        step!("book", probe.note("book"), undo = |_| probe.note("undo")).await?;
        Err(WorkflowError::msg("sold out"))
    }
    for is_last in [false, true] {
        let mut options = options();
        options.is_last_attempt = Some(is_last);
        let probe = Probe::new();
        let memos = recorded(&[("book", 1.into())]);
        let mut session = Session::new(undoing, run(), input(&probe), memos, options).expect("a probe");
        let end = session.advance(None).await.end;
        assert_eq!(matches!(end, End::Blocked(_)), is_last, "{end:?}");
        assert!(is_last || session.has_undos());
    }
}

#[tokio::test]
async fn a_sleep_tells_whether_it_names_its_end() {
    #[workflow]
    async fn sleeps() -> WorkflowResult<()> {
        let until = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(60);
        let (a, b) = join!(sleep("for", Duration::from_secs(60)), sleep_until("until", until)).await;
        a?;
        Ok(b?)
    }
    let End::Blocked(operations) = session(sleeps, &(), Memos::new()).advance(None).await.end else {
        panic!("it waits")
    };
    let dated: Vec<bool> =
        operations.iter().map(|operation| matches!(operation.action, Action::Sleep { is_dated: true, .. })).collect();
    assert_eq!(dated, [false, true]);
}
