//! What the server is asked over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use http::{HeaderMap, StatusCode};
use owf_runtime::inngest::InngestDriver;
use serde_json::{Value, json};

use super::{ATTEMPTS_DEFAULT, Engine, Served, event};

pub(super) fn routes(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/fn/register", post(register))
        .route("/e/{key}", post(events))
        .route("/v1/signals", post(signals))
        .route("/v1/checkpoint/{run}/async", post(checkpoint))
        .fallback(any(async || answer(StatusCode::NOT_FOUND, &json!({ "error": "no such place" }))))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(engine)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, body.to_string()).into_response()
}

async fn register(Shared(engine): Shared<Arc<Engine>>, body: Bytes) -> Response {
    let app: Value = serde_json::from_slice(&body).expect("JSON");
    for function in app["functions"].as_array().expect("functions") {
        let id = function["id"].as_str().expect("an ID").to_owned();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let triggers = function["triggers"].as_array().into_iter().flatten();
        let starts = triggers.filter_map(|trigger| Some((text(&trigger["event"])?, text(&trigger["expression"]))));
        let retries = function["steps"]["step"]["retries"]["attempts"].as_u64();
        let attempts_max = retries.map_or(ATTEMPTS_DEFAULT, |retries| u32::try_from(retries).expect("few") + 1);
        // Who has asked puts itself in its place.
        let driver = Arc::new(InngestDriver::new("app"));
        engine.state().functions.insert(id, Served { driver, starts: starts.collect(), attempts_max });
    }
    answer(StatusCode::OK, &json!({ "ok": true, "modified": true }))
}

async fn events(Shared(engine): Shared<Arc<Engine>>, headers: HeaderMap, body: Bytes) -> Response {
    let sent: Vec<Value> = serde_json::from_slice(&body).expect("JSON");
    let seed = headers.get("x-inngest-event-id-seed").and_then(|seed| seed.to_str().ok()).expect("a seed");
    let mut ids = Vec::new();
    for (place, one) in sent.iter().enumerate() {
        // What the server makes of a seed is the same for the same seed.
        let id = one["id"].as_str().map_or_else(|| format!("{seed}/{place}"), str::to_owned);
        ids.push(id.clone());
        let mut state = engine.state();
        if state.events.contains_key(&id) {
            continue;
        }
        let ts = one["ts"].as_u64().unwrap_or_else(|| engine.millis());
        let event = event(&id, one["name"].as_str().expect("a name"), one["data"].clone(), ts);
        let started = engine.publish(&mut state, &event);
        state.events.insert(id, started);
    }
    engine.note_progress();
    answer(StatusCode::OK, &json!({ "ids": ids, "status": 200 }))
}

async fn signals(Shared(engine): Shared<Arc<Engine>>, body: Bytes) -> Response {
    let sent: Value = serde_json::from_slice(&body).expect("JSON");
    let name = sent["signal"].as_str().expect("a name");
    let run = engine.signal(&mut engine.state(), name, &sent["data"]);
    if run.is_some() {
        engine.note_progress();
    }
    match run {
        Some(run) => answer(StatusCode::OK, &json!({ "data": { "run_id": run } })),
        None => answer(StatusCode::NOT_FOUND, &json!({ "error": "no run found with the given signal" })),
    }
}

async fn checkpoint(Shared(engine): Shared<Arc<Engine>>, Path(run): Path<String>, body: Bytes) -> Response {
    let sent: Value = serde_json::from_slice(&body).expect("JSON");
    let mut state = engine.state();
    let mut taken = true;
    for operation in sent["steps"].as_array().expect("steps") {
        taken &= engine.record_along(&mut state, &run, operation);
    }
    drop(state);
    engine.note_progress();
    match taken {
        true => answer(StatusCode::OK, &json!({})),
        false => answer(StatusCode::NOT_FOUND, &json!({ "error": "run not found" })),
    }
}
