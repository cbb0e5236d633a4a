//! Replies that get lost on their way.

use serde_json::json;

use crate::gateway::call;
use crate::messages::{self, NOT_COMPLETED, Reply};
use crate::probe::Probe;
use crate::workflows::let_go;
use crate::{Scene, secs};

#[tokio::test]
async fn a_reply_is_handed_in_where_there_is_no_connection() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = Probe::new();
    connection.call(&call("r", "patient", json!({ "input": probe }))).await;
    scene.server.refuse_start(503);
    drop(connection);
    scene.server.started(2).await;
    let_go(probe).await;
    let handed_in = scene.server.handed_in(1).await.remove(0);
    assert_eq!((handed_in.request_id.as_str(), handed_in.status), ("r", NOT_COMPLETED));
    assert_eq!(handed_in.system_trace_ctx, "{\"system\":1}");
}

#[tokio::test]
async fn a_reply_whose_connection_breaks_before_it_is_acknowledged_is_handed_in() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    connection.call(&call("r", "greet", json!({ "input": "Ada" }))).await;
    let sent: Reply = connection.expect(messages::REPLY).await;
    drop(connection);
    assert_eq!(scene.server.handed_in(1).await, [sent]);
}

#[tokio::test]
async fn a_reply_that_is_not_acknowledged_in_time_is_handed_in() {
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    connection.call(&call("acknowledged", "greet", json!({ "input": "Ada" }))).await;
    connection.reply().await;
    connection.call(&call("r", "greet", json!({ "input": "Ada" }))).await;
    let sent: Reply = connection.expect(messages::REPLY).await;
    scene.host.passes(secs(5)).await;
    assert_eq!(scene.server.handed_in(1).await, [sent]);
    assert!(worker.is_connected());
}

#[tokio::test]
async fn a_reply_that_cannot_be_handed_in_is_tried_again_and_kept_for_the_next_connection() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    connection.call(&call("r", "greet", json!({ "input": "Ada" }))).await;
    connection.expect::<Reply>(messages::REPLY).await;
    scene.server.take_replies(Some(503));
    drop(connection);
    let connection = scene.server.ready().await;
    for (refused, wait) in [(1, 1), (2, 2), (3, 5), (4, 10)] {
        scene.server.refused_replies(refused).await;
        scene.host.passes(secs(wait)).await;
    }
    scene.server.refused_replies(5).await;
    scene.server.take_replies(None);
    drop(connection);
    let _connection = scene.ready_after(secs(1)).await;
    assert_eq!(scene.server.handed_in(1).await[0].request_id, "r");
}

#[tokio::test]
async fn a_reply_that_the_server_does_not_want_is_let_go() {
    let mut scene = Scene::new().await;
    let (worker, mut connection) = scene.connected().await;
    connection.call(&call("r", "greet", json!({ "input": "Ada" }))).await;
    connection.expect::<Reply>(messages::REPLY).await;
    scene.server.take_replies(Some(400));
    drop(connection);
    scene.server.refused_replies(1).await;
    let mut connection = scene.server.ready().await;
    let shut_down = worker.shut_down();
    let closed = async {
        connection.expect::<()>(messages::PAUSE).await;
        connection.closed().await
    };
    tokio::join!(shut_down, closed);
    assert_eq!(scene.server.handed_in_count(), 0);
}
