//! Requests that are not as they should be, and how large ones are completed (4.4.1, 4.4.2).

use bytes::Bytes;
use http::{Method, Request};
use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::driver;
use crate::hash;
use crate::server::{Answered, Run, post};

#[workflow]
async fn double(n: u32) -> WorkflowResult<u32> {
    Ok(step!("double", n * 2).await?)
}

async fn send(driver: &InngestDriver, method: Method, path: &str, body: &str) -> Answered {
    let request = Request::builder().method(method).uri(format!("http://served.test{path}"));
    Answered::of(&driver.handle(request.body(Bytes::from(body.to_owned())).expect("a request")).await)
}

fn message(answer: &Answered) -> &str {
    answer.body["message"].as_str().expect("every refusal says why")
}

#[tokio::test]
async fn malformed_bodies_are_refused_and_not_quoted() {
    let driver = driver().function(double);
    for body in [
        "",
        "not json 5ec7e7",
        "[]",
        "{\"event\": \"5ec7e7\"}",
        r#"{"event": {"data": {}}, "steps": ["5ec7e7"]}"#,
        r#"{"event": {}, "ctx": {"run_id": "../../5ec7e7"}}"#,
        r#"{"event": {}, "ctx": {"attempt": "5ec7e7"}}"#,
        r#"{"event": {}, "ctx": {"attempt": -1}}"#,
        r#"{"event": {}, "ctx": {"stack": {"stack": [5]}}}"#,
        r#"{"event": {"name":"#,
    ] {
        let answer = send(&driver, Method::POST, "/?fnId=app-double", body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert!(!message(&answer).contains("5ec7e7"), "{answer:?}");
    }
    let deep = format!(r#"{{"event": {{"data": {}1{}}}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(send(&driver, Method::POST, "/?fnId=app-double", &deep).await.status, 400);
}

/// 4.4.1: a function that is not there is an error of the server's, which tries again.
#[tokio::test]
async fn functions_that_are_not_there_are_told() {
    let driver = driver().function(double);
    let body = Run::new(&driver, "app-double", json!({ "input": 1 })).body(0).to_string();
    let unknown = send(&driver, Method::POST, "/?fnId=app-other&stepId=step", &body).await;
    assert_eq!((unknown.status, message(&unknown)), (500, "the app has no such function: sync it anew"));
    let unnamed = send(&driver, Method::POST, "/?stepId=step", &body).await;
    assert_eq!(unnamed.status, 400);
    let other_app = send(&driver, Method::POST, "/?fnId=double", &body).await;
    assert_eq!(other_app.status, 500);
    let escaped = send(&driver, Method::POST, "/?fnId=app%2Ddouble&stepId=step", &body).await;
    assert_eq!(escaped.body[0]["data"], json!(2));
}

#[tokio::test]
async fn other_methods_are_refused() {
    let driver = driver().function(double);
    for method in [Method::DELETE, Method::PATCH, Method::HEAD, Method::OPTIONS] {
        assert_eq!(send(&driver, method, "/", "").await.status, 405);
    }
}

#[tokio::test]
async fn an_input_of_another_type_ends_the_run_and_is_not_quoted() {
    let driver = driver().function(double);
    let body = Run::new(&driver, "app-double", json!({ "input": "5ec7e7" })).body(0);
    let answer = post(&driver, "app-double", "step", &body).await;
    assert_eq!((answer.status, answer.header("x-inngest-no-retry")), (400, Some("true")));
    assert_eq!(answer.body["name"], "InputError");
    assert!(message(&answer).starts_with("the input of `double`") && !message(&answer).contains("5ec7e7"));
}

#[tokio::test]
async fn large_requests_are_refused() {
    let driver = driver().body_limit(1000).function(double);
    let answer = send(&driver, Method::POST, "/?fnId=app-double", &" ".repeat(1001)).await;
    assert_eq!((answer.status, message(&answer)), (413, "the request is larger than 1000 bytes"));
}

/// A large state is no trouble in itself.
#[tokio::test]
async fn a_state_of_megabytes_is_taken() {
    let driver = driver().function(double);
    let mut body = Run::new(&driver, "app-double", json!({ "input": 3 })).body(0);
    body["steps"] = json!({ (hash("other")): { "data": "x".repeat(4_000_000) } });
    assert_eq!(post(&driver, "app-double", "step", &body).await.body[0]["data"], json!(6));
}

/// What the server adds to the data of an invoked function is not the workflow's.
#[tokio::test]
async fn what_the_server_adds_is_taken_away() {
    let driver = driver().function(double);
    let data = json!({ "input": 4, "_inngest": { "fn_id": "app-double", "gid": "g" } });
    let body = Run::new(&driver, "app-double", data).body(0);
    assert_eq!(post(&driver, "app-double", "step", &body).await.body[0]["data"], json!(8));
}

/// 4.4.2: events and steps are fetched where the request was too large for them.
#[tokio::test]
async fn what_was_trimmed_is_fetched() {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).function(double);
    let mut body = Run::new(&driver, "app-double", json!({})).body(0);
    body["ctx"]["use_api"] = json!(true);
    cloud.answer(200, json!([{ "name": "e", "data": { "input": 5 } }]));
    cloud.answer(200, json!({ (hash("double")): { "data": 77 } }));
    let answer = post(&driver, "app-double", "step", &body).await;
    assert_eq!((answer.status, answer.body), (200, json!(77)));
    let asked: Vec<String> = cloud.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect();
    let run = "/v0/runs/01M814WRNQT7SPHQVJVNMKC84V";
    assert_eq!(asked, [format!("GET {run}/batch"), format!("GET {run}/actions")]);
    cloud.answer(404, json!({ "error": "gone", "status": 404 }));
    let answer = post(&driver, "app-double", "step", &body).await;
    assert_eq!(answer.status, 500);
    assert_eq!(message(&answer), "fetching a run's events failed: the server answers 404 Not Found: gone");
}

/// The whole of it by axum, nested where the user likes.
#[tokio::test]
async fn it_is_mounted_under_any_path() {
    let cloud = Cloud::start().await;
    cloud.answer(200, json!({ "ok": true, "modified": true }));
    let router = driver().base_url(&cloud.origin).function(double).router();
    let app = axum::Router::<()>::new().nest("/deep/down/inngest", router);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let answer = curl(address, "PUT /deep/down/inngest").await;
    assert!(answer.contains("Successfully registered"), "{answer}");
    let registered = cloud.asked().remove(0).body;
    assert_eq!(registered["url"], json!(format!("http://{address}/deep/down/inngest")));
    assert_eq!(registered["framework"], "axum");
    assert!(curl(address, "GET /deep/down/inngest").await.contains("function_count"));
}

async fn curl(address: std::net::SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let text = format!("{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

#[tokio::test]
async fn nothing_of_a_payload_is_an_answers_header() {
    let driver = driver().function(double);
    let body = Run::new(&driver, "app-double", json!({ "input": 1 })).body(0);
    let answer = post(&driver, "app-double", "step", &body).await;
    assert!(!format!("{:?}", answer.headers).contains("input"));
    assert_eq!(answer.body[0]["userland"], json!({ "id": "double" }));
    assert_eq!(answer.body[0]["timing"].as_object().map(|timing| timing.len()), Some(2));
    assert_eq!(Value::Null, answer.body[0]["error"]);
}
