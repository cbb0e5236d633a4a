//! Why there is no connection.

use std::fmt;

use http::StatusCode;

use super::messages::{GatewayMessageType, SystemError};
use crate::drivers::inngest::api::ApiError;
use crate::drivers::inngest::client::InngestError;

/// What the server closes with when a gateway is taken away.
const GATEWAY_CLOSING: &str = "connect_gateway_closing";
/// The longest part of what a server says that is passed on.
const TEXT_MAX: usize = 300;

/// Why a connection did not come about, or came to its end. Quotes no token, and nothing of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The server does not say where to connect to.
    NotStarted(ApiError),
    /// The gateway cannot be reached.
    Unreachable(String),
    /// The connection was there, and is not any more.
    Broken(String),
    /// The gateway has closed the connection, and may say why.
    Closed(String),
    /// What came is no message of the protocol.
    Malformed(&'static str),
    /// The gateway says something that is not to be said now.
    OutOfTurn { expected: GatewayMessageType, kind: i32 },
    /// The server does not take the functions.
    SyncFailed { code: String, message: String },
    /// The gateway says nothing.
    Silent(&'static str),
}

impl Problem {
    pub(super) fn closed(reason: &str) -> Problem {
        Problem::Closed(shortened(reason))
    }

    pub(super) fn sync_failed(error: SystemError) -> Problem {
        Problem::SyncFailed { code: shortened(&error.code), message: shortened(&error.message) }
    }

    /// Whether another gateway is there at once.
    pub(super) fn is_drain(&self) -> bool {
        matches!(self, Problem::Closed(reason) if reason == GATEWAY_CLOSING)
    }

    /// What is told a worker that has never been connected, if waiting does not help.
    pub(super) fn fatal(&self) -> Option<InngestError> {
        let Problem::NotStarted(error) = self else { return None };
        let advice = match error.status()? {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "check INNGEST_SIGNING_KEY, and INNGEST_ENV",
            StatusCode::TOO_MANY_REQUESTS => {
                "all connections of the account are in use: close one, or have more allowed"
            }
            _ => return None,
        };
        Some(InngestError::refused(format!("{error}; {advice}")))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NotStarted(error) => write!(f, "{error}"),
            Problem::Unreachable(text) => write!(f, "the gateway cannot be reached ({text})"),
            Problem::Broken(text) => write!(f, "it broke ({text})"),
            Problem::Closed(reason) if reason.is_empty() => f.write_str("the gateway has closed the connection"),
            Problem::Closed(reason) => write!(f, "the gateway has closed the connection: {reason}"),
            Problem::Malformed(what) => write!(f, "the gateway sent {what}"),
            Problem::OutOfTurn { expected, kind } => match GatewayMessageType::try_from(*kind) {
                Ok(kind) => write!(f, "the gateway sent {kind:?} where {expected:?} is expected"),
                Err(_) => write!(f, "the gateway sent a message of kind {kind} where {expected:?} is expected"),
            },
            Problem::SyncFailed { code, message } => {
                write!(f, "the server does not register the functions: {message} ({code})")
            }
            Problem::Silent(expected) => write!(f, "the gateway did not send {expected} in time"),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}
