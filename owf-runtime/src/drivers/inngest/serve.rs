//! What is done with a request: calls are run, syncs carried out, questions answered.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use http::header::HeaderValue;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};

use super::InngestDriver;
use super::call::{self, Surroundings};
use super::query;
use super::reply::{self, SIGNATURE, message, sign_off};
use super::request::Call;
use super::secret::Secret;
use super::settings::Mode;
use super::signature::{Unsigned, sign, verify};
use super::time_text;

/// What stands for the first entry into a function.
const ANY_STEP: &str = "step";
/// The longest ID that a run has.
const RUN_ID_MAX: usize = 64;
/// Which call it is, as the server counts them.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// Whether a request is the server's, and with which key that was shown.
pub(super) type Trust<'a> = Result<Option<&'a Secret>, Unsigned>;

impl InngestDriver {
    pub(super) async fn serve(&self, framework: &'static str, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let trust = self.trust(&parts.headers, &body);
        let mut response = if body.len() > self.body_limit {
            self.too_large()
        } else if trust == Err(Unsigned::NoKey) {
            tracing::error!(target: "owf", "an Inngest request was refused: {}", Unsigned::NoKey.reason());
            message(StatusCode::INTERNAL_SERVER_ERROR, Unsigned::NoKey.reason())
        } else {
            match parts.method {
                Method::POST => self.post(&parts, &body, trust).await,
                Method::PUT => self.sync(framework, &parts, &body, trust).await,
                Method::GET => self.introspect(framework, &parts.headers, trust),
                _ => message(StatusCode::METHOD_NOT_ALLOWED, "it takes GET, PUT and POST"),
            }
        };
        sign_off(&mut response, trust.is_ok(), framework, self.settings.environment.as_deref());
        if let Ok(Some(key)) = trust {
            let signature = sign(key, response.body(), self.host.now());
            if let Ok(signature) = HeaderValue::from_str(&signature) {
                response.headers_mut().insert(SIGNATURE, signature);
            }
        }
        response
    }

    pub(super) fn too_large(&self) -> Response<Bytes> {
        let text = format!("the request is larger than {} bytes", self.body_limit);
        message(StatusCode::PAYLOAD_TOO_LARGE, text)
    }

    fn trust(&self, headers: &HeaderMap, body: &Bytes) -> Trust<'_> {
        if self.settings.mode == Mode::Dev {
            return Ok(None);
        }
        if self.settings.signing_key.is_none() {
            return Err(Unsigned::NoKey);
        }
        if body.len() > self.body_limit {
            // It is refused in any case, and not worth a signature's work.
            return Err(Unsigned::Missing);
        }
        let header = match headers.get(SIGNATURE) {
            Some(header) => Some(header.to_str().map_err(|_| Unsigned::Malformed)?),
            None => None,
        };
        verify(header, body, self.settings.signing_keys(), self.host.now()).map(Some)
    }

    pub(super) async fn post(&self, parts: &Parts, body: &Bytes, trust: Trust<'_>) -> Response<Bytes> {
        if let Err(unsigned) = trust {
            return unauthorized(unsigned);
        }
        let query = parts.uri.query();
        if let Some(probe) = query::value(query, "probe") {
            return self.probe(&probe);
        }
        let Some(id) = query::value(query, "fnId") else {
            return message(StatusCode::BAD_REQUEST, "the request names no function: its address has no `fnId`");
        };
        let Some(function) = self.functions.iter().find(|function| function.id(&self.app) == id) else {
            // It may be there after a deployment, so that the server is to try again.
            return message(StatusCode::INTERNAL_SERVER_ERROR, "the app has no such function: sync it anew");
        };
        if function.workflow().has_transactions() {
            return call::refused("TransactionError", function.problems().join("; ")).into_response();
        }
        let mut call = match self.parse(parts, body) {
            Ok(call) => call,
            Err(text) => return message(StatusCode::BAD_REQUEST, text),
        };
        if call.is_trimmed()
            && let Err(error) = self.api().complete(&mut call).await
        {
            tracing::error!(target: "owf", run = call.ctx.run_id, "a call cannot be completed: {error}");
            return message(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
        }
        let target = query::value(query, "stepId").or_else(|| header(&parts.headers, "x-inngest-step-id"));
        let target = target.filter(|target| target != ANY_STEP && !target.is_empty());
        let around = Surroundings {
            app: &self.app,
            host: &self.host,
            api: self.api(),
            notation: self.notation,
            on_divergence: self.on_divergence,
            signals_per_run: self.signals_per_run,
            checkpointing: self.checkpointing.as_ref(),
        };
        let running = call::run(&around, function, call, target.as_deref());
        match caught(running).await {
            Some(answer) => answer.into_response(),
            None => message(StatusCode::INTERNAL_SERVER_ERROR, "the function panicked outside its code"),
        }
    }

    /// The server asks whether this process and it share a key.
    fn probe(&self, probe: &str) -> Response<Bytes> {
        if probe == "trust" {
            return reply::empty();
        }
        message(StatusCode::BAD_REQUEST, "the request probes for something unknown: it knows `trust`")
    }

    /// The call that a body describes; the error says what is wrong with it.
    fn parse(&self, parts: &Parts, body: &Bytes) -> Result<Call, String> {
        // What serde says may quote the body.
        let malformed = |error: serde_json::Error| {
            format!("the body is no call request: line {}, column {}", error.line(), error.column())
        };
        let mut call: Call = serde_json::from_slice(body).map_err(malformed)?;
        let id = &call.ctx.run_id;
        if id.len() > RUN_ID_MAX || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err("`ctx.run_id` is no ID of a run".to_owned());
        }
        call.request_id = header(&parts.headers, REQUEST_ID);
        call.generation_id = header(&parts.headers, "x-inngest-generation-id").and_then(|id| id.parse().ok());
        call.began_at = time_text::millis(self.host.now());
        Ok(call)
    }
}

/// What a future yields; `None` if it panics, as where a type of the user's is read.
async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

pub(super) fn unauthorized(unsigned: Unsigned) -> Response<Bytes> {
    tracing::warn!(target: "owf", "an Inngest request was refused: {}", unsigned.reason());
    message(StatusCode::UNAUTHORIZED, format!("unauthorized: {}", unsigned.reason()))
}

pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
