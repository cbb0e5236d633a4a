//! The part of a server that is called: it notes what is asked, and answers as it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;

/// A server on loopback.
#[derive(Clone)]
pub(crate) struct Cloud {
    pub(crate) origin: String,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    asked: Vec<Asked>,
    answers: VecDeque<(u16, Value)>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Cloud {
    pub(crate) async fn start() -> Cloud {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let cloud = Cloud { origin, inner: Arc::default() };
        let app = Router::new().fallback(answer).with_state(cloud.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        cloud
    }

    /// Tells what the next request is answered with; without, it is `200 {}`.
    pub(crate) fn answer(&self, status: u16, body: Value) {
        self.inner.lock().expect("no test panics in here").answers.push_back((status, body));
    }

    /// Takes back what was told and not needed.
    pub(crate) fn forget_answers(&self) {
        self.inner.lock().expect("no test panics in here").answers.clear();
    }

    /// What was asked since this was last called.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.inner.lock().expect("no test panics in here").asked)
    }
}

async fn answer(State(cloud): State<Cloud>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut inner = cloud.inner.lock().expect("no test panics in here");
    inner.asked.push(Asked {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let (status, body) = inner.answers.pop_front().unwrap_or((200, serde_json::json!({})));
    let status = StatusCode::from_u16(status).expect("a status");
    (status, body.to_string()).into_response()
}
