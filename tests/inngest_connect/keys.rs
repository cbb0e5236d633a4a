//! Who may connect, and what nobody gets to see.

use owf_runtime::inngest::{Connect, InngestDriver};

use crate::capture::Capture;
use crate::server::in_time;
use crate::{Scene, secs};

const KEY: &str = "signkey-prod-12345678";
/// As the specification hashes it.
const HASHED: &str = "signkey-prod-b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c";

fn of_the_cloud(scene: &Scene, key: &str) -> InngestDriver {
    scene.driver().dev(false).signing_key(key)
}

async fn refused(connect: Connect) -> String {
    connect.start().await.expect_err("it is refused").to_string()
}

#[tokio::test]
async fn the_signing_key_is_sent_hashed() {
    let mut scene = Scene::new().await;
    scene.server.accept_key(HASHED);
    let connect = of_the_cloud(&scene, KEY).connect();
    let (worker, _connection) = scene.connected_as(connect).await;
    assert!(worker.is_connected());
    assert_eq!(scene.server.starts()[0].authorization, Some(format!("Bearer {HASHED}")));
}

#[tokio::test]
async fn the_fallback_is_tried_where_the_key_is_not_accepted() {
    let mut scene = Scene::new().await;
    scene.server.accept_key(HASHED);
    let connect = of_the_cloud(&scene, "signkey-prod-aaaa").signing_key_fallback(KEY).connect();
    let (worker, _connection) = scene.connected_as(connect).await;
    assert!(worker.is_connected());
    assert_eq!(scene.server.starts().len(), 2);
}

#[tokio::test]
async fn a_wrong_key_is_an_error_at_once() {
    let scene = Scene::new().await;
    scene.server.accept_key("another");
    let error = refused(of_the_cloud(&scene, KEY).connect()).await;
    let expected = "opening a connection failed: the server answers 401 Unauthorized: no; check INNGEST_SIGNING_KEY, and INNGEST_ENV";
    assert_eq!(error, expected);
}

#[tokio::test]
async fn one_connection_too_many_is_an_error_at_once() {
    let scene = Scene::new().await;
    scene.server.refuse_start(429);
    let error = refused(scene.connect()).await;
    assert!(error.ends_with("all connections of the account are in use: close one, or have more allowed"), "{error}");
}

#[tokio::test]
async fn a_worker_that_was_connected_goes_on_trying() {
    let mut scene = Scene::new().await;
    let (worker, connection) = scene.connected().await;
    scene.server.refuse_start(401);
    scene.server.refuse_start(429);
    drop(connection);
    scene.server.started(2).await;
    scene.host.passes(secs(1)).await;
    scene.server.started(3).await;
    let _connection = scene.ready_after(secs(2)).await;
    assert_eq!(scene.server.starts().len(), 4);
    drop(worker);
}

#[tokio::test]
async fn no_key_and_no_token_is_seen() {
    let mut scene = Scene::new().await;
    let (capture, _capturing) = Capture::begin();
    scene.server.accept_key(HASHED);
    let connect = of_the_cloud(&scene, KEY).connect();
    let mut seen = format!("{connect:?}");
    let (worker, connection) = scene.connected_as(connect).await;
    seen += &format!("{worker:?}");
    scene.server.accept_key("another");
    drop(connection);
    scene.server.started(2).await;
    in_time(worker.shut_down()).await;
    seen += &refused(of_the_cloud(&scene, KEY).connect()).await;
    seen += &format!("{:?}", capture.traced());
    for secret in ["12345678", HASHED, "the-session-token", "the-sync-token"] {
        assert!(!seen.contains(secret), "{secret} is in {seen}");
    }
    assert!(seen.contains("401"), "there is something to be seen: {seen}");
}
