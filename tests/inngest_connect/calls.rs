//! What calls are answered with.

use std::num::NonZeroU32;

use serde_json::{Value, json};

use crate::gateway::{RUN, call, call_with};
use crate::messages::{self, About, ERROR, ExecutorRequest, NOT_COMPLETED, Reply};
use crate::probe::{Probe, waits_for_others};
use crate::workflows::let_go;
use crate::{Scene, secs};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_reply_says_which_call_it_is_of() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    connection.call(&call("request-1", "greet", json!({ "input": "Ada" }))).await;
    let reply = connection.reply().await;
    let operations: Value = serde_json::from_str(&reply.body).expect("operations");
    assert_eq!((&operations[0]["op"], &operations[0]["data"]), (&json!("StepRun"), &json!("ADA")));
    let expected = Reply {
        request_id: "request-1".to_owned(),
        account_id: "the-account".to_owned(),
        env_id: "the-environment".to_owned(),
        app_id: "the-app".to_owned(),
        status: NOT_COMPLETED,
        body: String::new(),
        no_retry: false,
        retry_after: None,
        sdk_version: format!("open-workflow-rust:v{}", env!("CARGO_PKG_VERSION")),
        request_version: 2,
        system_trace_ctx: "{\"system\":1}".to_owned(),
        user_trace_ctx: "{\"user\":1}".to_owned(),
        run_id: RUN.to_owned(),
    };
    assert_eq!(Reply { body: String::new(), ..reply }, expected);
}

#[tokio::test]
async fn a_failure_says_whether_and_when_to_try_again() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let expected = [
        ("fatal", true, None, "for good"),
        ("now", false, None, "for now"),
        ("later", false, Some("90"), "for now"),
        ("panic", false, None, "out of the blue"),
    ];
    for (how, no_retry, retry_after, message) in expected {
        connection.call(&call(how, "spoiled", json!({ "input": how }))).await;
        let reply = connection.reply().await;
        assert_eq!(
            (reply.status, reply.no_retry, reply.retry_after.as_deref()),
            (ERROR, no_retry, retry_after),
            "{how}"
        );
        assert!(reply.body.contains(message), "{how}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_answered() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let good = call("unknown", "nobody", json!({})).request_payload;
    for (id, function, payload) in
        [("unknown", "nobody", good.as_str()), ("malformed", "greet", "{"), ("empty", "greet", "")]
    {
        connection.call(&call_with(id, function, "step", payload.to_owned())).await;
        let reply = connection.reply().await;
        assert_eq!((reply.status, reply.no_retry), (ERROR, false), "{id}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_call_for_another_app_is_left_to_others() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    for app in ["other", ""] {
        let other = ExecutorRequest { app_name: app.to_owned(), ..call("other", "greet", json!({ "input": "Ada" })) };
        connection.send(messages::EXECUTOR_REQUEST, &other).await;
    }
    // What is acknowledged next is the next call.
    connection.call(&call("own", "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(connection.reply().await.request_id, "own");
}

#[tokio::test]
async fn a_call_that_comes_again_while_it_is_under_way_is_run_once() {
    waits_for_others();
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    let patient = call("r", "patient", json!({ "input": probe }));
    connection.call(&patient).await;
    probe.noted("begun").await;
    connection.call(&patient).await;
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    connection.call(&call("next", "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(connection.reply().await.request_id, "next", "there is one reply");
    assert_eq!(probe.count("begun"), 1);
}

#[tokio::test]
async fn calls_beside_each_other_are_replied_to_as_they_end() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("slow", "patient", json!({ "input": probe }))).await;
    connection.call(&call("fast", "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(connection.reply().await.request_id, "fast");
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "slow");
}

#[tokio::test]
async fn more_calls_than_the_worker_takes_wait_for_their_turn() {
    let mut scene = Scene::new().await;
    let connect = scene.connect().max_worker_concurrency(NonZeroU32::MIN);
    let (_worker, mut connection) = scene.connected_as(connect).await;
    let (one, two) = (Probe::new(), Probe::new());
    connection.call(&call("one", "patient", json!({ "input": one }))).await;
    connection.call(&call("two", "patient", json!({ "input": two }))).await;
    scene.host.passes(secs(5)).await;
    for _ in 0..2 {
        connection.expect::<About>(messages::EXTEND_LEASE).await;
    }
    assert_eq!(two.notes(), Vec::<String>::new(), "there is one at a time");
    let_go(one).await;
    assert_eq!(connection.reply().await.request_id, "one");
    let_go(two).await;
    let reply = connection.reply().await;
    assert_eq!((reply.request_id.as_str(), reply.status), ("two", NOT_COMPLETED));
}

#[tokio::test]
async fn a_large_reply_passes_and_one_that_no_gateway_reads_is_handed_in() {
    let mut scene = Scene::new().await;
    let connect = scene.driver().body_limit(64 * MIB).connect();
    let (_worker, mut connection) = scene.connected_as(connect).await;
    let name = "a".repeat(4 * MIB);
    connection.call(&call("large", "greet", json!({ "input": name }))).await;
    assert!(connection.reply().await.body.contains(&name.to_uppercase()));
    connection.call(&call("huge", "greet", json!({ "input": "a".repeat(9 * MIB) }))).await;
    assert_eq!(scene.server.handed_in(1).await[0].request_id, "huge");
    connection.call(&call("next", "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(connection.reply().await.request_id, "next");
}
