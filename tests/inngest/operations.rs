//! Sleeps, waits, children, events and signals (5.3.2 to 5.3.5).

use std::time::{Duration, SystemTime};

use owf_runtime::inngest::Notation;
use owf_runtime::prelude::*;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::driver;
use crate::hash;
use crate::server::{Ended, Run, post};

#[workflow]
async fn sleeps(_: Value) -> WorkflowResult<()> {
    sleep("nap", Duration::from_secs(3 * 3600 + 60)).await?;
    sleep("blink", Duration::from_millis(300)).await?;
    sleep_until("date", SystemTime::UNIX_EPOCH + Duration::from_millis(4_102_444_800_123)).await?;
    Ok(())
}

/// 5.3.2: a length as a time string, a point in time as a date.
#[tokio::test]
async fn sleeps_say_how_long_or_until_when() {
    for (notation, field) in [(Notation::TypeScript, "/name"), (Notation::Specification, "/opts/duration")] {
        let driver = driver().notation(notation).function(sleeps);
        let mut run = Run::new(&driver, "app-sleeps", json!({}));
        assert_eq!(run.to_the_end().await, Ended::Completed(Value::Null));
        let said: Vec<_> = run.calls[..3].iter().map(|call| call.answer.body[0].pointer(field).cloned()).collect();
        assert_eq!(said, [Some(json!("3h1m")), Some(json!("1s")), Some(json!("2100-01-01T00:00:00.123Z"))]);
        assert!(run.calls[..3].iter().all(|call| call.answer.body[0]["op"] == "Sleep"));
    }
}

#[workflow]
async fn waits(order: Value) -> WorkflowResult<Value> {
    let paid = wait_for_event::<Value>("paid?", "order.paid")
        .matching("order", &order["order"])
        .matching("method", "card")
        .timeout(Duration::from_secs(60))
        .await?;
    let seen = wait_for_event::<Value>("seen?", "order.seen").timeout(Duration::from_secs(1)).await?;
    Ok(json!({ "paid": paid, "seen": seen }))
}

/// 5.3.3: the name, the expression and the timeout; the event is memoized as it is, `null` if none came.
#[tokio::test]
async fn events_are_waited_for() {
    let driver = driver().function(waits);
    let event = json!({ "name": "order.paid", "data": { "order": 7, "cents": 5 }, "id": "x", "ts": 1 });
    let mut run = Run::new(&driver, "app-waits", json!({ "order": 7 })).answer("paid?", event);
    let ended = run.to_the_end().await;
    assert_eq!(ended, Ended::Completed(json!({ "paid": { "order": 7, "cents": 5 }, "seen": null })));
    let op = &run.calls[0].answer.body[0];
    assert_eq!((&op["op"], &op["name"]), (&json!("WaitForEvent"), &json!("order.paid")));
    let condition = "async.data.order == event.data.order && async.data.method == \"card\"";
    assert_eq!(op["opts"], json!({ "if": condition, "timeout": "1m" }));
    assert_eq!(run.calls[1].answer.body[0]["opts"], json!({ "timeout": "1s" }));
}

/// 5.3.3, as it is written there.
#[tokio::test]
async fn the_specification_names_the_event_in_the_options() {
    let driver = driver().notation(Notation::Specification).function(waits);
    let answer = post(&driver, "app-waits", "step", &Run::new(&driver, "app-waits", json!({})).body(0)).await;
    let op = &answer.body[0];
    assert_eq!((&op["name"], &op["opts"]["event"]), (&json!("paid?"), &json!("order.paid")));
}

#[workflow]
async fn waits_for_ever(_: Value) -> WorkflowResult<u32> {
    Ok(wait_for_event::<u32>("some day", "some.day").await?)
}

#[tokio::test]
async fn a_wait_without_a_timeout_is_as_long_as_the_server_allows() {
    let driver = driver().function(waits_for_ever);
    let mut run = Run::new(&driver, "app-waits_for_ever", json!({}));
    let Ended::Failed(error) = run.to_the_end().await else { panic!("nothing came") };
    assert_eq!(run.calls[0].answer.body[0]["opts"]["timeout"], "52w1d");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("timed out")), "{error}");
}

#[workflow]
async fn signalled(order: u32) -> WorkflowResult<Option<String>> {
    let name = format!("go-{order}");
    Ok(wait_for_signal::<String>("go?", name).timeout(Duration::from_secs(5)).await?)
}

/// A signal's name alone says who gets it, unless runs have signals of their own.
#[tokio::test]
async fn signals_are_waited_for() {
    for (per_run, name) in [(false, "go-7"), (true, "01M814WRNQT7SPHQVJVNMKC84V/go-7")] {
        let driver = driver().signals_per_run(per_run).function(signalled);
        let mut run = Run::new(&driver, "app-signalled", json!({ "input": 7 })).answer("go?", json!("now"));
        assert_eq!(run.to_the_end().await, Ended::Completed(json!("now")));
        let op = &run.calls[0].answer.body[0];
        assert_eq!((&op["op"], &op["name"]), (&json!("WaitForSignal"), &json!(name)));
        assert_eq!(op["opts"], json!({ "signal": name, "timeout": "5s" }));
        let mut in_vain = Run::new(&driver, "app-signalled", json!({ "input": 7 }));
        assert_eq!(in_vain.to_the_end().await, Ended::Completed(Value::Null));
    }
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Refused {
    code: u32,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused with {}", self.code)
    }
}

#[workflow]
async fn child(n: u32) -> WorkflowResult<u32> {
    if n == 0 {
        return Err(WorkflowError::fatal(StepError::typed(Refused { code: 9 })));
    }
    Ok(step!("double", n * 2).await?)
}

#[workflow]
async fn parent(_: Value) -> WorkflowResult<String> {
    let (fine, failed) = join!(invoke("fine", child, 21), invoke("failed", child, 0)).await;
    let failed = failed.expect_err("it fails");
    let code = failed.downcast::<Refused>().map(|refused| refused.code);
    Ok(format!("{} / {} {code:?}", fine?, failed.message()))
}

/// 5.3.4: the function's full ID, and the event's payload.
#[tokio::test]
async fn children_are_invoked() {
    let driver = driver().function(parent).function(child);
    let mut run = Run::new(&driver, "app-parent", json!({}));
    assert_eq!(run.to_the_end().await, Ended::Completed(json!("42 / refused with 9 Some(9)")));
    let op = &run.calls[0].answer.body[0];
    assert_eq!((&op["op"], &op["id"]), (&json!("InvokeFunction"), &json!(hash("fine"))));
    assert_eq!(op["opts"], json!({ "function_id": "app-child", "payload": { "data": { "input": 21 } } }));
}

#[workflow]
async fn sends(_: Value) -> WorkflowResult<()> {
    send_events("tell", [("a.b", json!({ "n": 1 })), ("c.d", json!(2))]).await?;
    send_event("tell one", "e.f", &json!({ "n": 3 })).await?;
    Ok(())
}

/// 5.3.5: the events of one step go in one request, with a seed that is the same for every attempt.
#[tokio::test]
async fn events_are_sent_by_a_step() {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).event_key("key").function(sends);
    let mut run = Run::new(&driver, "app-sends", json!({}));
    for _ in 0..2 {
        cloud.answer(200, json!({ "ids": ["1", "2"], "status": 200 }));
        let answer = post(&driver, "app-sends", "step", &run.body(0)).await;
        assert_eq!(answer.body[0]["data"], json!({ "ids": ["1", "2"] }));
        assert_eq!(answer.body[0]["opts"], json!({ "type": "step.sendEvent" }));
    }
    let asked = cloud.asked();
    assert_eq!(asked.iter().map(|asked| asked.path.as_str()).collect::<Vec<_>>(), ["/e/key", "/e/key"]);
    let events: Vec<_> =
        asked[0].body.as_array().expect("a list").iter().map(|event| (&event["name"], &event["data"])).collect();
    assert_eq!(events, [(&json!("a.b"), &json!({ "n": 1 })), (&json!("c.d"), &json!({ "input": 2 }))]);
    let seed = asked[0].header("x-inngest-event-id-seed").expect("a seed");
    assert!(seed.starts_with("1795335021239,") && seed.ends_with("=="), "{seed}");
    assert_eq!(asked[1].header("x-inngest-event-id-seed"), Some(seed));
    assert_eq!(run.to_the_end().await, Ended::Completed(Value::Null));
    let seeds: Vec<_> =
        cloud.asked().iter().map(|asked| asked.header("x-inngest-event-id-seed").map(str::to_owned)).collect();
    assert!(seeds[0].as_deref() == Some(seed) && seeds[0] != seeds[1], "each step has its own: {seeds:?}");
}

/// What is not sent is a step's error, which is tried again; a refusal is not.
#[tokio::test]
async fn events_that_are_not_sent_fail_the_step() {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).function(sends);
    let body = Run::new(&driver, "app-sends", json!({})).body(0);
    (0..5).for_each(|_| cloud.answer(503, json!({})));
    let answer = post(&driver, "app-sends", "step", &body).await;
    assert_eq!((&answer.body[0]["op"], answer.header("x-inngest-no-retry")), (&json!("StepError"), Some("false")));
    assert_eq!(cloud.asked().len(), 5, "it is tried five times");
    cloud.answer(400, json!({ "error": "no such event", "status": 400 }));
    let answer = post(&driver, "app-sends", "step", &body).await;
    assert_eq!((&answer.body[0]["op"], answer.header("x-inngest-no-retry")), (&json!("StepFailed"), Some("true")));
    let message = answer.body[0]["error"]["message"].as_str().expect("a text");
    assert_eq!(message, "sending events failed: the server answers 400 Bad Request: no such event");
}

#[workflow]
async fn signals(_: Value) -> WorkflowResult<()> {
    Ok(send_signal("tell", "01M814WRNQT7SPHQVJVNMKC84X", "go", &json!({ "x": 1 })).await?)
}

#[tokio::test]
async fn signals_are_sent_by_a_step() {
    let cloud = Cloud::start().await;
    for (per_run, name) in [(false, "go"), (true, "01M814WRNQT7SPHQVJVNMKC84X/go")] {
        let driver = driver().base_url(&cloud.origin).signals_per_run(per_run).function(signals);
        let body = Run::new(&driver, "app-signals", json!({})).body(0);
        cloud.answer(404, json!({ "error": "not found" }));
        let answer = post(&driver, "app-signals", "step", &body).await;
        assert_eq!(answer.body[0]["op"], "StepError", "somebody may wait for it later");
        cloud.answer(200, json!({ "data": { "run_id": "r" } }));
        let answer = post(&driver, "app-signals", "step", &body).await;
        assert_eq!(answer.body[0]["op"], "StepRun");
        assert_eq!(answer.body[0]["opts"], json!({ "type": "step.sendSignal", "signal": name }));
        let asked = cloud.asked();
        assert_eq!(
            (asked[1].path.as_str(), &asked[1].body),
            ("/v1/signals", &json!({ "signal": name, "data": { "x": 1 } }))
        );
    }
}
