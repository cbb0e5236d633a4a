//! How runs end at the server: what is undone when they are cancelled, and who is told when they fail.

use std::sync::Arc;
use std::time::Duration;

use owf_runtime::inngest::{FailedRun, InngestClient, InngestFunction};
use owf_runtime::prelude::*;
use owf_runtime::{RunStatus, VirtualHost};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clients::{Cancels, Client};
use crate::driver;
use crate::engine::{Configure, Engine, Time};
use crate::probe::{Probe, fail_when_stalled, let_others_go_on, waits_for_others};
use crate::server::post;

#[workflow]
async fn trip(probe: Probe) -> WorkflowResult<()> {
    step!("hotel", probe.mark("book"), undo = |()| probe.mark("cancel")).await?;
    cleanup(async move { Ok(step!("tell", probe.mark("tell")).await?) });
    Ok(wait_for_signal("paid?", "paid").await?)
}

/// The server, and a client of a function that is configured like this.
fn served(function: fn(InngestFunction) -> InngestFunction, cancels: Cancels) -> Client {
    waits_for_others();
    let configure = Configure { driver: |driver| driver.signals_per_run(true), function };
    Client::new(Engine::start(Arc::new(VirtualHost::new(42)), Time::Jumps, configure), cancels)
}

/// What the server cancels by itself it does not call any more: nothing is undone, and nothing is known of why.
#[tokio::test]
async fn a_run_that_the_server_cancels_undoes_nothing() -> Result<(), RunError> {
    let (client, probe) = (served(std::convert::identity, Cancels::AtServer), Probe::new());
    let run = client.start(trip, probe).await?;
    probe.noted("book").await;
    run.cancel("enough").await?;
    let_others_go_on().await;
    assert_eq!((run.status().await?, probe.notes()), (RunStatus::Cancelled, vec!["book".to_owned()]));
    Ok(())
}

/// The driver's own way: the run hears of it, undoes what it did, and fails with the reason.
#[tokio::test]
async fn a_run_that_is_cancelled_gracefully_undoes_what_it_did() -> Result<(), RunError> {
    let (client, probe) = (served(InngestFunction::cancel_gracefully, Cancels::Asking), Probe::new());
    let run = client.start(trip, probe).await?;
    probe.noted("book").await;
    run.cancel("enough").await?;
    let error = fail_when_stalled(run.result()).await.expect_err("it is cancelled");
    assert!(error.to_string().ends_with("was cancelled: enough"), "{error}");
    assert_eq!(probe.notes(), ["book", "tell", "cancel"]);
    Ok(())
}

/// The wait for the wish stands beside all that is planned, and everything goes on with each result.
#[tokio::test]
async fn a_graceful_function_waits_for_its_cancellation() {
    let driver = driver().function(InngestFunction::new(trip).cancel_gracefully());
    let body = json!({ "event": { "data": { "input": Probe::new() } }, "ctx": { "run_id": "r1" } });
    let answer = post(&driver, "app-trip", "step", &body).await;
    assert_eq!(answer.steps(), [("StepPlanned".into(), "hotel".into()), ("WaitForSignal".into(), "owf:cancel".into())]);
    assert_eq!(
        answer.body[1]["opts"],
        json!({ "signal": "owf:cancel/r1", "timeout": "52w1d", "parallelMode": "race" })
    );
    assert_eq!(answer.body[0]["opts"]["parallelMode"], "race");
}

#[tokio::test]
async fn who_cancels_what_does_not_wait_is_told_so() {
    let cloud = crate::cloud::Cloud::start().await;
    let client: InngestClient = driver().base_url(&cloud.origin).client();
    cloud.answer(404, json!({ "error": "no run found" }));
    assert_eq!(client.cancel("r1", "enough").await, Ok(false));
    assert_eq!(cloud.asked()[0].body, json!({ "signal": "owf:cancel/r1", "data": "enough" }));
}

/// The server ends the wait for a child that it has cancelled with the event that tells of it.
#[tokio::test]
async fn a_child_that_the_server_cancels_is_an_error_of_its_parent() -> Result<(), RunError> {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<String> {
        let error = invoke("trip", trip, probe).await.expect_err("it is cancelled");
        Ok(step!("tell", error.to_string()).await?)
    }
    let (client, probe) = (served(std::convert::identity, Cancels::AtServer), Probe::new());
    client.knows(trip);
    let run = client.start(parent, probe).await?;
    probe.noted("book").await;
    let child = client.engine().runs_named("app-trip").remove(0);
    client.cancel(child, "enough").await?;
    assert_eq!(fail_when_stalled(run.result()).await?, "step `trip` failed: it was cancelled");
    Ok(())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Declined {
    code: u32,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined with {}", self.code)
    }
}

#[workflow]
async fn paying(probe: Probe) -> WorkflowResult<()> {
    step!("reserve", probe.mark("reserve"), undo = |()| probe.mark("release")).await?;
    step!("charge", Err::<(), _>(StepError::typed(Declined { code: 51 }).into_fatal())?).await?;
    Ok(())
}

#[workflow]
async fn tell_support(failed: FailedRun) -> WorkflowResult<()> {
    let (probe, error) = (failed.input::<Probe>()?, failed.error());
    let code = error.downcast::<Declined>().map(|declined| declined.code);
    let text = format!("{} {error} {code:?} {}", failed.function(), failed.run().len());
    Ok(step!("tell", probe.mark(text.as_str())).await?)
}

/// It is told once the run's undos are done, of its input, and of its error as it was.
#[tokio::test]
async fn who_is_told_of_failures_gets_the_run_as_it_was() -> Result<(), RunError> {
    let probe = Probe::new();
    let client = served(|function| function.on_failure(tell_support), Cancels::AtServer);
    let run = client.start(paying, probe).await?;
    fail_when_stalled(run.result()).await.expect_err("it is declined");
    let told = "app-paying step `charge` failed: declined with 51 Some(51) 26";
    probe.noted(told).await;
    assert_eq!(probe.notes(), ["reserve", "release", told]);
    Ok(())
}

/// As the TypeScript SDK registers `onFailure`.
#[tokio::test]
async fn who_is_told_of_failures_is_a_function_of_its_own() {
    let cloud = crate::cloud::Cloud::start().await;
    let function = InngestFunction::new(paying).display_name("Pay").on_failure(tell_support);
    let driver = driver().base_url(&cloud.origin).serve_origin("http://served.test").function(function);
    cloud.answer(200, json!({ "ok": true, "modified": true }));
    let sync = http::Request::put("http://served.test/api/inngest").body(bytes::Bytes::new()).expect("a request");
    assert_eq!(driver.handle(sync).await.status(), 200);
    let registered = &cloud.asked()[0].body["functions"][1];
    assert_eq!((&registered["id"], &registered["name"]), (&json!("app-paying-failure"), &json!("Pay (failure)")));
    let expected =
        [json!({ "event": "inngest/function.failed", "expression": "event.data.function_id == 'app-paying'" })];
    assert_eq!(registered["triggers"], Value::from(expected.to_vec()));
    let url = registered["steps"]["step"]["runtime"]["url"].as_str().expect("an address");
    assert!(url.ends_with("fnId=app-paying-failure&stepId=step"), "{url}");
}

#[workflow]
async fn patient(probe: Probe) -> WorkflowResult<Option<()>> {
    Ok(invoke("trip", trip, probe).timeout(Duration::from_secs(90)).await?)
}

/// As the TypeScript SDK writes `step.invoke(.., { timeout })`; the server ends the wait with an error of its own.
#[tokio::test]
async fn a_child_may_be_waited_for_for_a_while() {
    let driver = driver().function(patient).function(trip);
    let mut run = crate::server::Run::new(&driver, "app-patient", json!({ "input": Probe::new() }));
    run.call().await;
    let planned = &run.calls[0].answer.body[0];
    assert_eq!((&planned["op"], &planned["opts"]["timeout"]), (&json!("InvokeFunction"), &json!("1m30s")));
    let error =
        json!({ "name": "InngestInvokeTimeoutError", "message": "Timed out waiting for invoked function to complete" });
    let mut body = run.body(0);
    body["steps"] = json!({ crate::hash("trip"): { "error": error } });
    let answer = post(&driver, "app-patient", "step", &body).await;
    assert_eq!((answer.status, answer.body), (200, Value::Null));
}
