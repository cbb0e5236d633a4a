//! The WebSocket: messages in, messages out.

use std::error::Error;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use http::Uri;
use http::uri::Scheme;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use prost::Message as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Error as SocketError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tower_service::Service as _;

use super::messages::ConnectMessage;
use super::problem::Problem;
use crate::drivers::inngest::outgoing;

/// The version of the protocol.
const PROTOCOL: &str = "v0.connect.inngest.com";
/// What a worker that is shut down closes its connection with.
const SHUT_DOWN: &str = "WORKER_SHUTDOWN";
/// What a message has around a call's body, at most.
const ENVELOPE_MAX: usize = 64 * 1024;

type Socket = WebSocketStream<TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>>;

/// The half that sends.
pub(super) struct Sender(SplitSink<Socket, Message>);

/// The half that receives.
pub(super) struct Receiver(SplitStream<Socket>);

/// Opens a connection to a gateway; calls have bodies of `body_limit` bytes at most.
pub(super) async fn open(endpoint: &str, body_limit: usize) -> Result<(Sender, Receiver), Problem> {
    let not_an_address = |()| Problem::Unreachable("its address is no URL of a WebSocket".to_owned());
    let uri: Uri = endpoint.parse().map_err(|_| ()).map_err(not_an_address)?;
    let over = http_address(&uri).ok_or(()).map_err(not_an_address)?;
    let mut connector = outgoing::connector().map_err(Problem::Unreachable)?;
    let unreachable = |error: Box<dyn Error + Send + Sync>| Problem::Unreachable(outgoing::deepest_cause(&*error));
    let stream = connector.call(over).await.map_err(unreachable)?;
    let request = ClientRequestBuilder::new(uri).with_sub_protocol(PROTOCOL);
    let largest = Some(body_limit.saturating_add(ENVELOPE_MAX));
    let config = WebSocketConfig::default().max_message_size(largest).max_frame_size(largest);
    let (socket, _) = client_async_with_config(request, TokioIo::new(stream), Some(config)).await.map_err(broken)?;
    let (sender, receiver) = socket.split();
    Ok((Sender(sender), Receiver(receiver)))
}

/// The address by which the connector that HTTP uses reaches a WebSocket.
fn http_address(uri: &Uri) -> Option<Uri> {
    let scheme = match uri.scheme_str()? {
        "ws" => Scheme::HTTP,
        "wss" => Scheme::HTTPS,
        _ => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(scheme);
    Uri::from_parts(parts).ok()
}

impl Sender {
    pub(super) async fn send(&mut self, message: &ConnectMessage) -> Result<(), Problem> {
        self.0.send(Message::Binary(message.encode_to_vec().into())).await.map_err(broken)
    }

    /// Says that nothing more is sent. What the gateway still has to say can be received until it closes, too.
    pub(super) async fn close(&mut self) -> Result<(), Problem> {
        let frame = CloseFrame { code: CloseCode::Normal, reason: SHUT_DOWN.into() };
        self.0.send(Message::Close(Some(frame))).await.map_err(broken)
    }
}

impl Receiver {
    /// The next message. After a problem there is none.
    pub(super) async fn next(&mut self) -> Result<ConnectMessage, Problem> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    return ConnectMessage::decode(bytes).map_err(|_| Problem::Malformed("a frame that is no message"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(Problem::closed(frame.as_ref().map_or("", |frame| frame.reason.as_str())));
                }
                // Answered by the library.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => return Err(Problem::Malformed("text, and it is to send protobuf")),
                Some(Err(error)) => return Err(broken(error)),
                None => return Err(Problem::closed("")),
            }
        }
    }
}

/// An error of the library, without the answer that a refused handshake holds.
fn broken(error: SocketError) -> Problem {
    match error {
        SocketError::ConnectionClosed | SocketError::AlreadyClosed => Problem::closed(""),
        SocketError::Http(response) => Problem::Unreachable(format!("it answers {}", response.status())),
        error => Problem::Broken(outgoing::deepest_cause(&error)),
    }
}
