//! The end of a worker.

use serde_json::json;

use crate::Scene;
use crate::gateway::call;
use crate::messages::{self, About};
use crate::probe::{Probe, waits_for_others};
use crate::server::in_time;
use crate::workflows::let_go;

#[tokio::test]
async fn a_worker_that_is_shut_down_finishes_what_runs() {
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    let (probe, late) = (Probe::new(), Probe::new());
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    let shutting_down = tokio::spawn(worker.shut_down());
    connection.expect::<()>(messages::PAUSE).await;
    connection.send(messages::EXECUTOR_REQUEST, &call("late", "patient", json!({ "input": late }))).await;
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    assert_eq!(connection.closed().await, Some((1000, "WORKER_SHUTDOWN".to_owned())));
    drop(connection);
    in_time(shutting_down).await.expect("no panic");
    assert_eq!(late.notes(), Vec::<String>::new(), "no call is taken any more");
}

#[tokio::test]
async fn a_worker_that_is_shut_down_waits_for_its_last_reply_to_arrive() {
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    connection.call(&call("r", "greet", json!({ "input": "Ada" }))).await;
    connection.expect::<messages::Reply>(messages::REPLY).await;
    let shutting_down = tokio::spawn(worker.shut_down());
    connection.expect::<()>(messages::PAUSE).await;
    drop(connection);
    assert_eq!(scene.server.handed_in(1).await[0].request_id, "r");
    in_time(shutting_down).await.expect("no panic");
}

#[tokio::test]
async fn a_connection_that_breaks_while_shutting_down_is_made_anew_for_what_runs() {
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    let shutting_down = tokio::spawn(worker.shut_down());
    connection.expect::<()>(messages::PAUSE).await;
    drop(connection);
    let mut connection = scene.server.connection().await;
    connection.shake_hands().await;
    connection.expect::<()>(messages::PAUSE).await;
    assert_eq!(connection.expect::<About>(messages::EXTEND_LEASE).await.request_id, "r");
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    assert!(connection.closed().await.is_some());
    drop(connection);
    in_time(shutting_down).await.expect("no panic");
}

#[tokio::test]
async fn a_worker_without_a_connection_is_shut_down_at_once() {
    let mut scene = Scene::new().await;
    let (worker, connection) = scene.connected().await;
    scene.server.refuse_start(503);
    drop(connection);
    scene.server.started(2).await;
    in_time(worker.shut_down()).await;
}

#[tokio::test]
async fn a_worker_that_is_dropped_stops() {
    waits_for_others();
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    probe.noted("begun").await;
    drop(worker);
    assert!(connection.next().await.is_err(), "its connection is gone");
    probe.noted("over").await;
    assert_eq!(probe.count("done"), 0);
}
