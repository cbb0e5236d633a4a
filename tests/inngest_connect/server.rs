//! A server with gateways, played by the tests: it says where to connect to, and takes the replies that come by HTTP.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use prost::Message as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

use crate::gateway::{Connection, accept};
use crate::messages::{Reply, ReplyAck, StartRequest, StartResponse};

/// How long a test waits for what is to happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a future yields, which is to do so soon.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it happens in time")
}

pub(crate) struct Server {
    /// Where its API is.
    pub(crate) origin: String,
    inner: Arc<Inner>,
    connections: mpsc::UnboundedReceiver<Connection>,
}

struct Inner {
    gateway: String,
    state: Mutex<Played>,
    happened: Notify,
}

#[derive(Default)]
struct Played {
    starts: Vec<Start>,
    /// What the next requests are refused with.
    refusals: VecDeque<StatusCode>,
    /// The key that is accepted, where not every one is.
    key: Option<String>,
    /// Where it says that the gateway is, in place of where it is.
    said_gateway: Option<String>,
    handed_in: Vec<Reply>,
    /// What replies that are handed in are refused with, from now on.
    takes_none: Option<StatusCode>,
    /// How many were refused.
    refused_replies: usize,
}

/// A request for a gateway.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    pub(crate) authorization: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) excluded: Vec<String>,
}

impl Server {
    pub(crate) async fn start() -> Server {
        let gateway = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = gateway.local_addr().expect("it is bound");
        let (arrived, connections) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = gateway.accept().await {
                tokio::spawn(accept(stream, arrived.clone()));
            }
        });
        let api = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", api.local_addr().expect("it is bound"));
        let gateway = format!("ws://{address}/v0/connect");
        let inner = Arc::new(Inner { gateway, state: Mutex::default(), happened: Notify::new() });
        let routes = Router::new().route("/v0/connect/start", post(start)).route("/v0/connect/flush", post(flush));
        let routes = routes.layer(DefaultBodyLimit::disable()).with_state(inner.clone());
        tokio::spawn(axum::serve(api, routes).into_future());
        Server { origin, inner, connections }
    }

    /// Refuses the next request for a gateway.
    pub(crate) fn refuse_start(&self, status: u16) {
        self.inner.state().refusals.push_back(StatusCode::from_u16(status).expect("a status"));
    }

    /// Accepts no other key than this one.
    pub(crate) fn accept_key(&self, hashed: &str) {
        self.inner.state().key = Some(format!("Bearer {hashed}"));
    }

    /// Says that the gateway is elsewhere; returns where it is.
    pub(crate) fn say_gateway(&self, url: &str) -> String {
        self.inner.state().said_gateway = Some(url.to_owned());
        self.inner.gateway.clone()
    }

    /// Whether replies that are handed in are taken from now on.
    pub(crate) fn take_replies(&self, refusal: Option<u16>) {
        self.inner.state().takes_none = refusal.map(|status| StatusCode::from_u16(status).expect("a status"));
    }

    pub(crate) fn starts(&self) -> Vec<Start> {
        self.inner.state().starts.clone()
    }

    /// Waits until so many requests for a gateway have come.
    pub(crate) async fn started(&self, times: usize) {
        self.until(|played| played.starts.len() >= times).await;
    }

    /// Waits until so many replies were handed in; returns all.
    pub(crate) async fn handed_in(&self, count: usize) -> Vec<Reply> {
        self.until(|played| played.handed_in.len() >= count).await;
        self.inner.state().handed_in.clone()
    }

    /// Waits until so many replies that were handed in were refused.
    pub(crate) async fn refused_replies(&self, count: usize) {
        self.until(|played| played.refused_replies >= count).await;
    }

    /// How many replies were handed in so far.
    pub(crate) fn handed_in_count(&self) -> usize {
        self.inner.state().handed_in.len()
    }

    async fn until(&self, is_so: impl Fn(&Played) -> bool) {
        let waiting = async {
            loop {
                let happened = self.inner.happened.notified();
                if is_so(&self.inner.state()) {
                    return;
                }
                happened.await;
            }
        };
        in_time(waiting).await;
    }

    /// The next connection, before anything is said.
    pub(crate) async fn connection(&mut self) -> Connection {
        in_time(self.connections.recv()).await.expect("the gateway is there")
    }

    /// The next connection, once calls may go over it.
    pub(crate) async fn ready(&mut self) -> Connection {
        let mut connection = self.connection().await;
        connection.shake_hands().await;
        connection.expect::<()>(crate::messages::READY).await;
        connection
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, Played> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn start(State(server): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let excluded = StartRequest::decode(body).expect("a request").exclude_gateways;
    let authorization = header("authorization");
    let mut played = server.state();
    let is_known = played.key.is_none() || played.key == authorization;
    let start = Start {
        authorization,
        environment: header("x-inngest-env"),
        content_type: header("content-type"),
        excluded: excluded.clone(),
    };
    played.starts.push(start);
    let number = played.starts.len();
    let gateway = played.said_gateway.clone().unwrap_or_else(|| server.gateway.clone());
    let refusal = if is_known { played.refusals.pop_front() } else { Some(StatusCode::UNAUTHORIZED) };
    drop(played);
    server.happened.notify_waiters();
    if let Some(status) = refusal {
        return (status, json!({ "error": "no" }).to_string()).into_response();
    }
    let group = ["group-a", "group-b"].into_iter().find(|group| !excluded.iter().any(|other| other == group));
    let answer = StartResponse {
        connection_id: format!("connection-{number}"),
        gateway_endpoint: gateway,
        gateway_group: group.unwrap_or("group-c").to_owned(),
        session_token: "the-session-token".to_owned(),
        sync_token: "the-sync-token".to_owned(),
    };
    answer.encode_to_vec().into_response()
}

async fn flush(State(server): State<Arc<Inner>>, body: Bytes) -> Response {
    let reply = Reply::decode(body).expect("a reply");
    let answer = ReplyAck { request_id: reply.request_id.clone() }.encode_to_vec().into_response();
    let mut played = server.state();
    let refusal = played.takes_none;
    match refusal {
        Some(_) => played.refused_replies += 1,
        None => played.handed_in.push(reply),
    }
    drop(played);
    server.happened.notify_waiters();
    refusal.map_or(answer, IntoResponse::into_response)
}
