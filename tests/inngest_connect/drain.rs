//! Gateways that go away.

use serde_json::json;

use crate::gateway::{about, call};
use crate::messages::{self, About, ExtendLeaseAck, REPLY_ACK, ReplyAck};
use crate::probe::Probe;
use crate::workflows::let_go;
use crate::{Scene, secs};

#[tokio::test]
async fn a_gateway_that_goes_away_is_left_for_another_without_losing_a_call() {
    let mut scene = Scene::new().await;
    let (worker, mut old) = scene.connected().await;
    let probe = Probe::new();
    let patient = call("r", "patient", json!({ "input": probe }));
    old.call(&patient).await;
    old.send(messages::CLOSING, &()).await;
    let mut new = scene.server.ready().await;
    assert_eq!(scene.server.starts()[1].excluded, ["group-a"]);
    assert_eq!(old.closed().await, Some((1000, "WORKER_SHUTDOWN".to_owned())));
    let extension: About = new.expect(messages::EXTEND_LEASE).await;
    assert_eq!(extension, about(&patient, "r-lease"));
    new.call(&call("next", "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(new.reply().await.request_id, "next");
    let_go(probe).await;
    assert_eq!(new.reply().await.request_id, "r");
    assert!(worker.is_connected());
    assert_eq!(scene.server.handed_in_count(), 0);
}

#[tokio::test]
async fn until_another_is_there_a_gateway_that_goes_away_gets_replies_and_no_extensions() {
    let mut scene = Scene::new().await;
    let (worker, mut old) = scene.connected().await;
    let (one, two) = (Probe::new(), Probe::new());
    old.call(&call("one", "patient", json!({ "input": one }))).await;
    old.call(&call("two", "patient", json!({ "input": two }))).await;
    old.send(messages::CLOSING, &()).await;
    let mut new = scene.server.connection().await;
    assert!(!worker.is_connected(), "no further calls come");
    scene.host.advance(secs(6));
    let_go(one).await;
    assert_eq!(old.reply().await.request_id, "one", "it comes before any extension");
    new.shake_hands().await;
    new.expect::<()>(messages::READY).await;
    assert_eq!(new.expect::<About>(messages::EXTEND_LEASE).await.request_id, "two");
}

#[tokio::test]
async fn what_a_gateway_says_while_it_goes_away_is_heard() {
    let mut scene = Scene::new().await;
    let (_worker, mut old) = scene.connected().await;
    let (one, two) = (Probe::new(), Probe::new());
    old.call(&call("one", "patient", json!({ "input": one }))).await;
    old.call(&call("two", "patient", json!({ "input": two }))).await;
    scene.host.passes(secs(5)).await;
    for _ in 0..2 {
        old.expect::<About>(messages::EXTEND_LEASE).await;
    }
    old.send(messages::CLOSING, &()).await;
    let mut new = scene.server.connection().await;
    let_go(one).await;
    old.expect::<messages::Reply>(messages::REPLY).await;
    new.shake_hands().await;
    new.expect::<()>(messages::READY).await;
    // The worker has closed its side, and not the gateway its own.
    let ack = ExtendLeaseAck { request_id: "two".to_owned(), new_lease_id: Some("second".to_owned()) };
    old.send(messages::EXTEND_LEASE_ACK, &ack).await;
    old.send(REPLY_ACK, &ReplyAck { request_id: "one".to_owned() }).await;
    assert!(old.closed().await.is_some());
    drop(old);
    scene.host.passes(secs(5)).await;
    let extension: About = new.expect(messages::EXTEND_LEASE).await;
    assert_eq!((extension.request_id.as_str(), extension.lease_id.as_str()), ("two", "second"));
    assert_eq!(scene.server.handed_in_count(), 0);
}

#[tokio::test]
async fn a_gateway_that_goes_away_and_calls_is_not_heard() {
    let mut scene = Scene::new().await;
    let (_worker, mut old) = scene.connected().await;
    old.send(messages::CLOSING, &()).await;
    let probe = Probe::new();
    old.send(messages::EXECUTOR_REQUEST, &call("r", "patient", json!({ "input": probe }))).await;
    let _new = scene.server.ready().await;
    assert!(old.closed().await.is_some(), "nothing else comes");
    assert_eq!(probe.notes(), Vec::<String>::new());
}
