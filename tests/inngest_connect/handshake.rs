//! How a connection comes about.

use std::num::NonZeroU32;
use std::time::Duration;

use owf_runtime::inngest::InngestDriver;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::capture::Capture;
use crate::messages::{self, Introduction, SystemError};
use crate::server::{Start, in_time};
use crate::{Scene, secs};

#[tokio::test]
async fn a_worker_asks_for_a_gateway_and_introduces_itself() {
    let mut scene = Scene::new().await;
    let connect = scene.driver().environment("branch").connect().instance_id("worker-1");
    let introduced = async {
        let mut connection = scene.server.connection().await;
        let introduction = connection.shake_hands().await;
        connection.expect::<()>(messages::READY).await;
        (introduction, connection)
    };
    let (worker, (introduction, _connection)) = tokio::join!(connect.start(), introduced);
    assert!(worker.expect("it connects").is_connected());
    let start = Start {
        authorization: None,
        environment: Some("branch".to_owned()),
        content_type: Some("application/protobuf".to_owned()),
        excluded: Vec::new(),
    };
    assert_eq!(scene.server.starts(), [start]);
    let Introduction { apps, auth_data, system_attributes, started_at, .. } = introduction.clone();
    let auth = auth_data.expect("tokens");
    assert_eq!((auth.session_token.as_str(), auth.sync_token.as_str()), ("the-session-token", "the-sync-token"));
    assert_eq!(system_attributes.expect("a machine").os, std::env::consts::OS);
    assert_eq!(started_at.expect("a time").seconds, 1_795_335_021, "the clock's");
    let rest =
        Introduction { apps: Vec::new(), auth_data: None, system_attributes: None, started_at: None, ..introduction };
    let expected = Introduction {
        connection_id: "connection-1".to_owned(),
        instance_id: "worker-1".to_owned(),
        capabilities: r#"{"trust_probe":"v1","connect":"v1"}"#.to_owned(),
        worker_manual_readiness_ack: true,
        environment: Some("branch".to_owned()),
        framework: "connect".to_owned(),
        sdk_version: format!("v{}", env!("CARGO_PKG_VERSION")),
        sdk_language: "open-workflow-rust".to_owned(),
        ..Introduction::default()
    };
    assert_eq!(rest, expected);
    assert_eq!((apps.len(), apps[0].app_name.as_str()), (1, "app"));
    let functions: Value = serde_json::from_slice(&apps[0].functions).expect("JSON");
    let expected = json!({
        "id": "app-greet",
        "name": "greet",
        "triggers": [{ "event": "user.joined" }],
        "steps": {
            "step": {
                "id": "step",
                "name": "step",
                "runtime": { "type": "ws", "url": "wss://connect?fnId=app-greet&stepId=step" },
                "retries": { "attempts": 2 },
            },
        },
    });
    assert_eq!(functions[0], expected);
}

#[tokio::test]
async fn the_limit_of_the_worker_is_told() {
    let mut scene = Scene::new().await;
    let connect = scene.connect().max_worker_concurrency(NonZeroU32::new(7).expect("not zero"));
    let introduced = async {
        let mut connection = scene.server.connection().await;
        (connection.shake_hands().await, connection)
    };
    let (_worker, (introduction, _connection)) = tokio::join!(connect.start(), introduced);
    assert_eq!(introduction.max_worker_concurrency, Some(7));
}

#[tokio::test]
async fn a_gateway_may_be_elsewhere_than_the_server_says() {
    let mut scene = Scene::new().await;
    let url = scene.server.say_gateway("ws://nowhere.invalid/v0/connect");
    let connect = scene.connect().gateway_url(url);
    let (worker, _connection) = scene.connected_as(connect).await;
    assert!(worker.is_connected());
}

#[tokio::test]
async fn whatever_is_no_handshake_is_left_and_another_gateway_tried() {
    let mut scene = Scene::new().await;
    let (capture, _capturing) = Capture::begin();
    let connect = scene.connect();
    let starting = tokio::spawn(connect.start());
    let mut connection = scene.server.connection().await;
    connection.send(messages::GATEWAY_HEARTBEAT, &()).await;
    assert!(connection.next().await.is_err(), "the worker goes");
    scene.host.passes(secs(1)).await;
    let mut connection = scene.server.connection().await;
    connection.send(messages::HELLO, &()).await;
    connection.expect::<Introduction>(messages::CONNECT).await;
    let error = SystemError { code: "sync_failed".to_owned(), message: "a function has no name".to_owned() };
    connection.send(messages::SYNC_FAILED, &error).await;
    assert!(connection.next().await.is_err(), "the worker goes");
    let _connection = scene.ready_after(secs(2)).await;
    let worker = in_time(starting).await.expect("no panic").expect("it connects");
    assert!(worker.is_connected());
    let excluded = scene.server.starts().into_iter().map(|start| start.excluded).collect::<Vec<_>>();
    assert_eq!(excluded, [vec![], vec!["group-a"], vec!["group-a", "group-b"]]);
    let expected = [
        "no connection to Inngest: the gateway sent GatewayHeartbeat where GatewayHello is expected",
        "no connection to Inngest: the server does not register the functions: a function has no name (sync_failed)",
    ];
    assert_eq!(capture.warnings(), expected);
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_given_up() {
    let mut scene = Scene::new().await;
    let starting = tokio::spawn(scene.connect().start());
    let mut silent = scene.server.connection().await;
    scene.host.passes(secs(10)).await;
    assert!(silent.next().await.is_err(), "the worker goes");
    let _connection = scene.ready_after(secs(1)).await;
    let worker = in_time(starting).await.expect("no panic").expect("it connects");
    assert!(worker.is_connected());
    assert_eq!(scene.server.starts()[1].excluded, ["group-a"]);
}

#[tokio::test]
async fn a_gateway_that_goes_away_during_the_handshake_is_left_soon() {
    let mut scene = Scene::new().await;
    let starting = tokio::spawn(scene.connect().start());
    let closing = CloseFrame { code: CloseCode::Away, reason: "connect_gateway_closing".into() };
    scene.server.connection().await.close(Some(closing)).await;
    let _connection = scene.ready_after(Duration::from_millis(500)).await;
    let worker = in_time(starting).await.expect("no panic").expect("it connects");
    assert!(worker.is_connected());
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let mut scene = Scene::new().await;
    scene.server.refuse_start(503);
    let starting = tokio::spawn(scene.connect().start());
    scene.server.started(1).await;
    let _connection = scene.ready_after(secs(1)).await;
    let worker = in_time(starting).await.expect("no panic").expect("it connects");
    assert!(worker.is_connected());
}

#[tokio::test]
async fn what_cannot_be_registered_is_not_connected() {
    let scene = Scene::new().await;
    let twice = scene.driver().function(crate::workflows::greet).connect().start().await;
    let twice = twice.expect_err("a problem").to_string();
    assert_eq!(twice, "function `greet` is served twice: give one of them another name");
    let nameless = scene.connect().instance_id(" ").start().await.expect_err("a problem").to_string();
    assert_eq!(nameless, "the worker has no name: say `instance_id(\"worker-1\")`");
    let keyless = InngestDriver::new("app").dev(false).base_url(&scene.server.origin).connect().start().await;
    let keyless = keyless.expect_err("a problem").to_string();
    assert!(keyless.starts_with("no signing key is set: set INNGEST_SIGNING_KEY"), "{keyless}");
    assert_eq!(scene.server.starts(), []);
}
