//! What a worker says from time to time: that it is there, and at work.

use serde_json::json;

use crate::capture::Capture;
use crate::gateway::{Connection, about, call};
use crate::messages::{self, About, ExtendLeaseAck, WorkerStatus};
use crate::probe::Probe;
use crate::workflows::let_go;
use crate::{Scene, secs};

async fn extended(connection: &mut Connection, id: &str, lease: Option<&str>) {
    let ack = ExtendLeaseAck { request_id: id.to_owned(), new_lease_id: lease.map(str::to_owned) };
    connection.send(messages::EXTEND_LEASE_ACK, &ack).await;
}

/// Sees to it that the worker has taken all that was sent before.
async fn caught_up(connection: &mut Connection) {
    let id = "one more";
    connection.call(&call(id, "greet", json!({ "input": "Ada" }))).await;
    assert_eq!(connection.reply().await.request_id, id);
}

#[tokio::test]
async fn a_lease_is_extended_while_a_step_runs() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    let patient = call("r", "patient", json!({ "input": probe }));
    connection.call(&patient).await;
    scene.host.passes(secs(5)).await;
    let extension: About = connection.expect(messages::EXTEND_LEASE).await;
    assert_eq!(extension, about(&patient, "r-lease"));
    extended(&mut connection, "r", Some("second")).await;
    caught_up(&mut connection).await;
    scene.host.passes(secs(5)).await;
    // Both are due after ten seconds.
    let mut due = [connection.next().await.expect("a message"), connection.next().await.expect("a message")];
    due.sort_by_key(|envelope| envelope.kind);
    assert_eq!(due[0].kind, messages::WORKER_HEARTBEAT);
    let extension: About = prost::Message::decode(&*due[1].payload).expect("an extension");
    assert_eq!(extension.lease_id, "second");
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    extended(&mut connection, "r", Some("too late")).await;
    caught_up(&mut connection).await;
    scene.host.passes(secs(5)).await;
    caught_up(&mut connection).await;
}

#[tokio::test]
async fn an_extension_that_is_not_answered_is_not_repeated() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    scene.host.passes(secs(5)).await;
    connection.expect::<About>(messages::EXTEND_LEASE).await;
    scene.host.passes(secs(5)).await;
    connection.expect::<()>(messages::WORKER_HEARTBEAT).await;
    caught_up(&mut connection).await;
}

#[tokio::test]
async fn a_call_whose_lease_is_lost_goes_on_and_is_replied_to() {
    let mut scene = Scene::new().await;
    let (capture, _capturing) = Capture::begin();
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    scene.host.passes(secs(5)).await;
    connection.expect::<About>(messages::EXTEND_LEASE).await;
    extended(&mut connection, "r", None).await;
    caught_up(&mut connection).await;
    scene.host.passes(secs(5)).await;
    connection.expect::<()>(messages::WORKER_HEARTBEAT).await;
    caught_up(&mut connection).await;
    let_go(probe).await;
    assert_eq!(connection.reply().await.request_id, "r");
    let expected = "the lease of an Inngest call is lost: it goes on, and the server may call once more";
    assert!(capture.warnings().iter().any(|warning| warning == expected), "{:?}", capture.warnings());
}

#[tokio::test]
async fn a_worker_says_that_it_is_there() {
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    for _ in 0..5 {
        scene.host.passes(secs(10)).await;
        connection.expect::<()>(messages::WORKER_HEARTBEAT).await;
        connection.send(messages::GATEWAY_HEARTBEAT, &()).await;
        caught_up(&mut connection).await;
    }
    assert!(worker.is_connected());
}

#[tokio::test]
async fn a_worker_says_what_it_is_at_where_the_gateway_asks() {
    let mut scene = Scene::new().await;
    let connect = scene.connect();
    let asked = async {
        let mut connection = scene.server.connection().await;
        connection.shake_hands_with("3s").await;
        connection.expect::<()>(messages::READY).await;
        connection
    };
    let (_worker, mut connection) = tokio::join!(connect.start(), asked);
    connection.call(&call("r", "patient", json!({ "input": Probe::new() }))).await;
    scene.host.passes(secs(3)).await;
    let status: WorkerStatus = connection.expect(messages::STATUS).await;
    assert_eq!(status, WorkerStatus { in_flight_request_ids: vec!["r".to_owned()], shutdown_requested: false });
}
