//! A gateway's end of a connection.

use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::messages::{self, About, Envelope, ExecutorRequest, Intervals, Introduction, Reply, ReplyAck};
use crate::server::in_time;

const SUB_PROTOCOL: &str = "sec-websocket-protocol";
/// The run that calls are of.
pub(crate) const RUN: &str = "01M814WRNQT7SPHQVJVNMKC84V";

/// A connection. When it is dropped, it breaks.
pub(crate) struct Connection {
    socket: WebSocketStream<TcpStream>,
}

#[expect(clippy::result_large_err, reason = "the library's callback says what the error is")]
pub(crate) async fn accept(stream: TcpStream, arrived: mpsc::UnboundedSender<Connection>) {
    let with_protocol = |request: &Request, mut response: Response| {
        let protocol = request.headers().get(SUB_PROTOCOL).expect("a worker names its protocol");
        assert_eq!(protocol, "v0.connect.inngest.com");
        response.headers_mut().insert(SUB_PROTOCOL, protocol.clone());
        Ok(response)
    };
    if let Ok(socket) = accept_hdr_async(stream, with_protocol).await {
        // Where nobody waits for it any more, the test is over.
        let _ = arrived.send(Connection { socket });
    }
}

impl Connection {
    /// Goes through the handshake, with intervals of ten seconds for heartbeats and of five for leases; what the worker introduces itself with.
    pub(crate) async fn shake_hands(&mut self) -> Introduction {
        self.shake_hands_with("0s").await
    }

    /// The same, where the worker is to say from time to time how it is.
    pub(crate) async fn shake_hands_with(&mut self, status_interval: &str) -> Introduction {
        self.send(messages::HELLO, &()).await;
        let introduction = self.expect(messages::CONNECT).await;
        let intervals = Intervals {
            heartbeat_interval: "10s".to_owned(),
            extend_lease_interval: "5s".to_owned(),
            status_interval: status_interval.to_owned(),
        };
        self.send(messages::CONNECTION_READY, &intervals).await;
        introduction
    }

    pub(crate) async fn send(&mut self, kind: i32, payload: &impl prost::Message) {
        let envelope = Envelope { kind, payload: payload.encode_to_vec() };
        self.send_raw(Message::Binary(envelope.encode_to_vec().into())).await;
    }

    pub(crate) async fn send_raw(&mut self, frame: Message) {
        self.socket.send(frame).await.expect("the worker is there");
    }

    /// The next message, which is of this kind.
    pub(crate) async fn expect<M: prost::Message + Default>(&mut self, kind: i32) -> M {
        let envelope = self.next().await.expect("the worker is there");
        assert_eq!(envelope.kind, kind, "the kind of message");
        M::decode(&*envelope.payload).expect("a payload")
    }

    /// The next message; the error is what the worker closes with.
    pub(crate) async fn next(&mut self) -> Result<Envelope, Option<CloseFrame>> {
        match in_time(self.socket.next()).await {
            Some(Ok(Message::Binary(bytes))) => Ok(Envelope::decode(bytes).expect("an envelope")),
            Some(Ok(Message::Close(frame))) => Err(frame),
            Some(Ok(frame)) => panic!("no worker sends {frame:?}"),
            Some(Err(_)) | None => Err(None),
        }
    }

    /// Waits until the worker closes, and closes as well; what it closes with.
    pub(crate) async fn closed(&mut self) -> Option<(u16, String)> {
        let frame = self.next().await.expect_err("the worker closes")?;
        assert_eq!(self.next().await, Err(None), "nothing comes after it");
        Some((frame.code.into(), frame.reason.to_string()))
    }

    /// Closes this end.
    pub(crate) async fn close(mut self, frame: Option<CloseFrame>) {
        self.socket.close(frame).await.expect("the worker is there");
    }

    /// Calls a function, and sees that the worker has taken the call.
    pub(crate) async fn call(&mut self, call: &ExecutorRequest) {
        self.send(messages::EXECUTOR_REQUEST, call).await;
        self.expect_acknowledged(call).await;
    }

    pub(crate) async fn expect_acknowledged(&mut self, call: &ExecutorRequest) {
        let ack: About = self.expect(messages::REQUEST_ACK).await;
        assert_eq!(ack, about(call, ""));
    }

    /// The worker's next reply, which is acknowledged.
    pub(crate) async fn reply(&mut self) -> Reply {
        let reply: Reply = self.expect(messages::REPLY).await;
        self.send(messages::REPLY_ACK, &ReplyAck { request_id: reply.request_id.clone() }).await;
        reply
    }
}

/// A call of a function of the app, whose run has recorded nothing.
pub(crate) fn call(id: &str, function: &str, data: Value) -> ExecutorRequest {
    let event = json!({ "name": "test/event", "data": data, "ts": 1_795_335_021_238_u64, "id": "e" });
    let payload = json!({
        "event": event,
        "events": [event],
        "steps": {},
        "ctx": { "run_id": RUN, "fn_id": "f", "qi_id": "q", "attempt": 0, "max_attempts": 4, "stack": { "stack": [], "current": 0 } },
        "version": 2,
    });
    call_with(id, function, "step", payload.to_string())
}

pub(crate) fn call_with(id: &str, function: &str, step: &str, payload: String) -> ExecutorRequest {
    ExecutorRequest {
        request_id: id.to_owned(),
        account_id: "the-account".to_owned(),
        env_id: "the-environment".to_owned(),
        app_id: "the-app".to_owned(),
        app_name: "app".to_owned(),
        function_id: "f".to_owned(),
        function_slug: format!("app-{function}"),
        step_id: Some(step.to_owned()),
        request_payload: payload,
        system_trace_ctx: "{\"system\":1}".to_owned(),
        user_trace_ctx: "{\"user\":1}".to_owned(),
        run_id: RUN.to_owned(),
        lease_id: format!("{id}-lease"),
        job_id: "the-job".to_owned(),
    }
}

/// What a worker says of a call.
pub(crate) fn about(call: &ExecutorRequest, lease: &str) -> About {
    About {
        request_id: call.request_id.clone(),
        account_id: call.account_id.clone(),
        env_id: call.env_id.clone(),
        app_id: call.app_id.clone(),
        function_slug: call.function_slug.clone(),
        step_id: call.step_id.clone(),
        system_trace_ctx: call.system_trace_ctx.clone(),
        user_trace_ctx: call.user_trace_ctx.clone(),
        run_id: call.run_id.clone(),
        lease_id: lease.to_owned(),
    }
}
