//! What a request is answered with.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use http::{Response, StatusCode};
use serde::Serialize;

use super::error_object::ErrorObject;
use super::opcode::Opcode;
use crate::kernel::StepId;
use crate::value::Json;

/// What this SDK calls itself.
pub(super) const SDK: &str = concat!("open-workflow-rust:v", env!("CARGO_PKG_VERSION"));
/// The version of how calls are handled.
pub(super) const REQUEST_VERSION: &str = "2";

pub(super) const SDK_HEADER: HeaderName = HeaderName::from_static("x-inngest-sdk");
pub(super) const FRAMEWORK: HeaderName = HeaderName::from_static("x-inngest-framework");
pub(super) const ENVIRONMENT: HeaderName = HeaderName::from_static("x-inngest-env");
pub(super) const SYNC_KIND: HeaderName = HeaderName::from_static("x-inngest-sync-kind");
pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("x-inngest-signature");
const HANDLED: HeaderName = HeaderName::from_static("x-inngest-sdk-handled");
pub(super) const NO_RETRY: HeaderName = HeaderName::from_static("x-inngest-no-retry");
const VERSION: HeaderName = HeaderName::from_static("x-inngest-req-version");

/// Whether what failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    Again,
    After(Duration),
    Never,
}

/// What a call came to.
#[derive(Debug)]
pub(super) enum Answer {
    /// Operations that wait, or the result of one.
    Steps { opcodes: Vec<Opcode>, retry: Option<Retry> },
    /// The function is done.
    Completed(Json),
    /// The function has failed.
    Failed { error: ErrorObject, retry: Retry },
    /// The step that was to be run is not there.
    StepNotFound { wanted: String, found: Vec<Found> },
}

/// An operation that was found in place of the one that was wanted.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Found {
    pub(super) id: StepId,
    pub(super) name: String,
    #[serde(rename = "displayName")]
    pub(super) display_name: StepId,
}

/// The most operations that are listed where one is missing.
const FOUND_MAX: usize = 25;

impl Answer {
    pub(super) fn steps(opcodes: Vec<Opcode>) -> Answer {
        Answer::Steps { opcodes, retry: None }
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        match self {
            Answer::Steps { opcodes, retry } => retried(json(StatusCode::PARTIAL_CONTENT, &opcodes), retry),
            Answer::Completed(value) => json(StatusCode::OK, &value),
            Answer::Failed { error, retry } => {
                let status = match retry {
                    Retry::Never => StatusCode::BAD_REQUEST,
                    Retry::Again | Retry::After(_) => StatusCode::INTERNAL_SERVER_ERROR,
                };
                retried(json(status, &error), Some(retry))
            }
            Answer::StepNotFound { wanted, found } => step_not_found(&wanted, found),
        }
    }
}

/// The server knows no opcode for this: it tries again, as it does where a function fails.
fn step_not_found(wanted: &str, mut found: Vec<Found>) -> Response<Bytes> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct NotFound<'a> {
        error: String,
        requested_step: &'a str,
        found_steps: Vec<Found>,
        total_found_steps: usize,
    }
    let total_found_steps = found.len();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.truncate(FOUND_MAX);
    let mut error = format!("the step {wanted} is to be run, and today's code does not come to it");
    if !found.is_empty() {
        let names: Vec<String> = found.iter().map(|step| format!("`{}` ({})", step.display_name, step.id)).collect();
        error = format!("{error}; it comes to {}", names.join(", "));
    }
    let body = NotFound { error, requested_step: wanted, found_steps: found, total_found_steps };
    retried(json(StatusCode::INTERNAL_SERVER_ERROR, &body), Some(Retry::Again))
}

fn retried(mut response: Response<Bytes>, retry: Option<Retry>) -> Response<Bytes> {
    let Some(retry) = retry else { return response };
    let no_retry = if retry == Retry::Never { "true" } else { "false" };
    response.headers_mut().insert(NO_RETRY, HeaderValue::from_static(no_retry));
    if let Retry::After(wait) = retry {
        // Whole seconds, and never too early.
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A body of JSON.
pub(super) fn json<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> Response<Bytes> {
    let (status, body) = match serde_json::to_vec(body) {
        Ok(body) => (status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, br#"{"message":"the answer has no form in JSON"}"#.to_vec()),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// An answer that says nothing but that all is well.
pub(super) fn empty() -> Response<Bytes> {
    let mut response = json(StatusCode::OK, &());
    *response.body_mut() = Bytes::new();
    response
}

/// An answer that says what is wrong with a request.
pub(super) fn message(status: StatusCode, text: impl Into<String>) -> Response<Bytes> {
    #[derive(Serialize)]
    struct Message {
        message: String,
    }
    json(status, &Message { message: text.into() })
}

/// What every answer says. Whoever has not shown that it is the server learns nothing of the SDK.
pub(super) fn sign_off(
    response: &mut Response<Bytes>,
    is_trusted: bool,
    framework: &'static str,
    environment: Option<&str>,
) {
    let headers = response.headers_mut();
    let sdk = HeaderValue::from_static(SDK);
    headers.insert(HANDLED, HeaderValue::from_static("true"));
    if !is_trusted {
        headers.remove(SYNC_KIND);
        headers.remove(NO_RETRY);
        return;
    }
    headers.insert(USER_AGENT, sdk.clone());
    headers.insert(SDK_HEADER, sdk);
    headers.insert(FRAMEWORK, HeaderValue::from_static(framework));
    headers.insert(VERSION, HeaderValue::from_static(REQUEST_VERSION));
    if let Some(environment) = environment.and_then(|environment| HeaderValue::from_str(environment).ok()) {
        headers.insert(ENVIRONMENT, environment);
    }
}
