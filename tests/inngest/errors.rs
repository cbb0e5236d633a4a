//! Errors of steps and of functions: what is tried again, and what is not (4.4.3, 5.2.2, 5.3.1).

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::driver;
use crate::server::{Ended, Run};

#[derive(Debug, Serialize, Deserialize)]
struct Declined {
    code: u32,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "declined with {}", self.code)
    }
}

#[workflow]
async fn hopeless(_: Value) -> WorkflowResult<String> {
    let error = step!("pay", Err::<(), _>(Declined { code: 51 })?).await.expect_err("it fails each time");
    let code = error.downcast::<Declined>().map(|declined| declined.code);
    Ok(format!("{} code={code:?} attempts={}", error.message(), error.attempts()))
}

/// 5.3.1: attempts are reported as errors, the last one as a failure; the memoized error surfaces as it was.
#[tokio::test]
async fn a_step_is_tried_as_often_as_the_server_says() {
    let driver = driver().function(hopeless);
    let mut run = Run::new(&driver, "app-hopeless", json!({})).max_attempts(3);
    let ended = run.finish().await;
    assert_eq!(ended, Ended::Completed(json!("declined with 51 code=Some(51) attempts=3")));
    let ops: Vec<&Value> = run.calls[..3].iter().map(|call| &call.answer.body[0]["op"]).collect();
    assert_eq!(ops, ["StepError", "StepError", "StepFailed"]);
    let retries: Vec<_> = run.calls[..3].iter().map(|call| call.answer.header("x-inngest-no-retry")).collect();
    assert_eq!(retries, [Some("false"), Some("false"), Some("true")]);
    let error = &run.calls[0].answer.body[0]["error"];
    assert_eq!((&error["name"], &error["message"]), (&json!("Declined"), &json!("declined with 51")));
    assert!(error["stack"].as_str().expect("a text").contains("errors.rs"), "it says where the step stands: {error}");
}

#[workflow(retries = 5)]
async fn little_patience(_: Value) -> WorkflowResult<String> {
    let failed = step!("once more", retries = 1, Err::<(), _>("no")?).await;
    Ok(failed.expect_err("it fails each time").attempts().to_string())
}

#[tokio::test]
async fn a_step_may_be_tried_less_often_than_its_workflow() {
    let driver = driver().function(little_patience);
    let mut run = Run::new(&driver, "app-little_patience", json!({})).max_attempts(6);
    assert_eq!(run.finish().await, Ended::Completed(json!("2")));
}

#[workflow]
async fn fatal_step(_: Value) -> WorkflowResult<()> {
    Ok(step!("fatal", Err::<(), _>(StepError::fatal("not again"))?).await?)
}

/// 4.4.3, 5.2.2: a fatal error is not tried again, nor is a function that passes a step's error on.
#[tokio::test]
async fn what_is_fatal_is_not_tried_again() {
    let driver = driver().function(fatal_step);
    let mut run = Run::new(&driver, "app-fatal_step", json!({}));
    let Ended::Failed(error) = run.finish().await else { panic!("it fails") };
    assert_eq!((&error["name"], &error["message"]), (&json!("NonRetriableError"), &json!("not again")));
    assert_eq!(run.calls.len(), 2);
    assert_eq!(run.calls[0].answer.body[0]["op"], "StepFailed");
    let last = &run.calls[1].answer;
    assert_eq!((last.status, last.header("x-inngest-no-retry")), (400, Some("true")));
}

#[workflow]
async fn later(_: Value) -> WorkflowResult<()> {
    step!("later", Err::<(), _>(StepError::msg("busy").retry_after(Duration::from_millis(90_500)))?).await?;
    Ok(())
}

/// 4.4.3: whole seconds, never too early.
#[tokio::test]
async fn an_error_may_say_when_to_try_again() {
    let driver = driver().function(later);
    let mut run = Run::new(&driver, "app-later", json!({})).max_attempts(2);
    run.call().await;
    let answer = &run.calls[0].answer;
    assert_eq!((answer.header("retry-after"), answer.header("x-inngest-no-retry")), (Some("91"), Some("false")));
    run.call().await;
    let answer = &run.calls[1].answer;
    assert_eq!((answer.header("retry-after"), answer.header("x-inngest-no-retry")), (None, Some("true")));
}

#[workflow]
async fn failing(kind: String) -> WorkflowResult<()> {
    step!("fine", ()).await?;
    match kind.as_str() {
        "fatal" => Err(WorkflowError::fatal("for good")),
        "later" => Err(WorkflowError::msg("later").retry_after(Duration::from_secs(7))),
        "panic" => panic!("in the function"),
        _ => Err(WorkflowError::msg("again")),
    }
}

/// 4.4.3: 500 while it is tried again, 400 when it is not.
#[tokio::test]
async fn a_functions_own_error_is_tried_again() {
    let driver = driver().function(failing);
    for (kind, statuses, message) in [
        ("fatal", vec![206, 400], "for good"),
        ("again", vec![206, 500, 500, 400], "again"),
        ("later", vec![206, 500, 500, 400], "later"),
        ("panic", vec![206, 500, 500, 400], "panicked: in the function"),
    ] {
        let mut run = Run::new(&driver, "app-failing", json!({ "input": kind })).max_attempts(3);
        let Ended::Failed(error) = run.finish().await else { panic!("it fails") };
        assert_eq!(error["message"], message);
        let seen: Vec<u16> = run.calls.iter().map(|call| call.answer.status).collect();
        assert_eq!(seen, statuses, "{kind}");
        let retry_after = run.calls[1].answer.header("retry-after");
        assert_eq!(retry_after, (kind == "later").then_some("7"));
    }
}

#[workflow(retries = 1)]
async fn tried_twice(_: Value) -> WorkflowResult<()> {
    Err(WorkflowError::msg("again"))
}

#[tokio::test]
async fn a_workflows_own_number_of_retries_holds() {
    let driver = driver().function(tried_twice);
    let mut run = Run::new(&driver, "app-tried_twice", json!({})).max_attempts(10);
    run.finish().await;
    assert_eq!(run.calls.len(), 2);
}

static UNDONE: AtomicU32 = AtomicU32::new(0);

#[workflow(retries = 1)]
async fn undoing(_: Value) -> WorkflowResult<()> {
    step!("book", 7, undo = |booking| UNDONE.fetch_add(booking, Ordering::Relaxed)).await?;
    step!("pay", 30, undo = |paid| UNDONE.fetch_add(paid, Ordering::Relaxed)).await?;
    Err(WorkflowError::msg("sold out"))
}

/// What was done is undone when the attempts are used up, step by step, although the server counts attempts anew after each.
#[tokio::test]
async fn a_run_that_has_failed_for_good_undoes_its_steps() {
    let driver = driver().function(undoing);
    let mut run = Run::new(&driver, "app-undoing", json!({})).max_attempts(2);
    let Ended::Failed(error) = run.finish().await else { panic!("it fails") };
    assert_eq!(error["message"], "sold out");
    assert_eq!(UNDONE.load(Ordering::Relaxed), 37);
    let names: Vec<String> = run
        .calls
        .iter()
        .filter(|call| call.answer.status == 206)
        .map(|call| call.answer.body[0]["displayName"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(names, ["book", "pay", "owf:failed", "pay:undo", "book:undo"]);
    assert_eq!(run.calls[2].answer.status, 500, "there was an attempt left");
}

#[workflow(timeout = Duration::from_secs(60))]
async fn out_of_time(_: Value) -> WorkflowResult<()> {
    step!("book", 1, undo = |_| ()).await?;
    sleep("for ever", Duration::from_secs(3600)).await?;
    Ok(())
}

/// A run wakes when its time is over, is cancelled, and undoes its steps.
#[tokio::test]
async fn a_run_that_takes_too_long_is_cancelled() {
    use owf_runtime::{Host, VirtualHost};
    let host = std::sync::Arc::new(VirtualHost::new(1));
    let started = std::time::UNIX_EPOCH + Duration::from_millis(1_795_335_021_239);
    host.sleep_until(started).await;
    let driver = driver().host(host.clone()).function(out_of_time);
    let mut run = Run::new(&driver, "app-out_of_time", json!({}));
    run.call().await;
    run.call().await;
    let slept = &run.calls[1].answer.body[0];
    assert_eq!((&slept["op"], &slept["name"]), (&json!("Sleep"), &json!("2026-11-22T08:11:22.239Z")));
    host.sleep_until(started + Duration::from_secs(60)).await;
    let Ended::Failed(error) = run.finish().await else { panic!("it fails") };
    assert_eq!(error["message"], "it timed out after 60s");
    let names: Vec<_> = run.calls[2..4].iter().map(|call| call.answer.steps()).collect();
    assert_eq!(names[0], [("StepRun".to_owned(), "owf:cancel".to_owned())]);
    assert_eq!(names[1], [("StepRun".to_owned(), "book:undo".to_owned())]);
}
