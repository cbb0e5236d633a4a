//! Connections that are lost.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::capture::Capture;
use crate::gateway::{about, call};
use crate::messages::{self, About, Envelope};
use crate::probe::Probe;
use crate::workflows::let_go;
use crate::{Scene, secs};

#[tokio::test]
async fn a_call_goes_on_when_its_connection_breaks() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    let patient = call("r", "patient", json!({ "input": probe }));
    connection.call(&patient).await;
    drop(connection);
    let mut connection = scene.server.ready().await;
    assert_eq!(scene.server.starts()[1].excluded, ["group-a"], "that gateway is left");
    let extension: About = connection.expect(messages::EXTEND_LEASE).await;
    assert_eq!(extension, about(&patient, "r-lease"), "the lease is extended at once");
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    assert_eq!(probe.notes(), ["begun", "done", "over"], "the step ran once");
}

#[tokio::test]
async fn a_gateway_that_answers_no_heartbeat_is_left() {
    let mut scene = Scene::new().await;
    let (capture, _capturing) = Capture::begin();
    let (worker, mut connection) = scene.connected().await;
    let mut unanswered = 0;
    loop {
        scene.host.passes(secs(10)).await;
        let Ok(message) = connection.next().await else { break };
        assert_eq!(message.kind, messages::WORKER_HEARTBEAT);
        unanswered += 1;
    }
    // What was answered before may be heard after the first of them.
    assert!((2..=3).contains(&unanswered), "{unanswered}");
    let _connection = scene.server.ready().await;
    assert!(worker.is_connected());
    let expected = "the connection to Inngest is lost: the gateway did not send a heartbeat in time";
    assert_eq!(capture.warnings(), [expected]);
}

#[tokio::test]
async fn what_is_no_message_costs_the_connection_and_nothing_else() {
    let mut scene = Scene::new().await;
    let (capture, _capturing) = Capture::begin();
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    let malformed = |kind: i32| {
        let envelope = Envelope { kind, payload: vec![0xff; 3] };
        Message::Binary(prost::Message::encode_to_vec(&envelope).into())
    };
    let frames = [
        Message::Text("{}".into()),
        Message::Binary(vec![0xff; 16].into()),
        Message::Binary(vec![0x12, 0xff, 0xff, 0xff, 0xff, 0x0f].into()),
        malformed(messages::EXECUTOR_REQUEST),
        malformed(messages::EXTEND_LEASE_ACK),
        malformed(messages::REPLY_ACK),
    ];
    // None of the connections holds but the first.
    for (frame, wait) in frames.into_iter().zip([0, 1, 2, 5, 10, 20]) {
        connection.send_raw(frame).await;
        assert!(connection.next().await.is_err(), "the worker goes");
        connection = scene.ready_after(secs(wait)).await;
        connection.expect::<About>(messages::EXTEND_LEASE).await;
    }
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    let lost = |what: &str| format!("the connection to Inngest is lost: the gateway sent {what}");
    let (frame, payload) = (lost("a frame that is no message"), lost("a message with a malformed payload"));
    let text = lost("text, and it is to send protobuf");
    assert_eq!(capture.warnings(), [text, frame.clone(), frame, payload.clone(), payload.clone(), payload]);
}

#[tokio::test]
async fn a_gateway_that_lets_everybody_in_and_then_closes_is_not_asked_at_once() {
    let mut scene = Scene::new().await;
    let (_worker, connection) = scene.connected().await;
    drop(connection);
    drop(scene.server.ready().await);
    drop(scene.ready_after(secs(1)).await);
    let _connection = scene.ready_after(secs(2)).await;
    assert_eq!(scene.server.starts().len(), 4);
}

#[tokio::test]
async fn what_a_later_gateway_may_say_is_let_be() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    for kind in [99, -1, messages::HELLO, messages::CONNECT] {
        connection.send(kind, &()).await;
    }
    connection.call(&call("r", "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(connection.reply().await.request_id, "r");
}

#[tokio::test]
async fn where_nobody_is_left_all_gateways_are_tried_anew() {
    let mut scene = Scene::new().await;
    let (_worker, connection) = scene.connected().await;
    scene.server.refuse_start(500);
    drop(connection);
    scene.server.started(2).await;
    let _connection = scene.ready_after(secs(1)).await;
    let excluded = scene.server.starts().into_iter().map(|start| start.excluded).collect::<Vec<_>>();
    assert_eq!(excluded, [vec![], vec!["group-a"], vec![]]);
}
