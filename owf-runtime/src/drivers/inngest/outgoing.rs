//! The HTTP client: hyper's own, which needs little more than what serves requests already, with rustls and the web's root certificates.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};

use super::reply::{ENVIRONMENT, SDK, SDK_HEADER};
use super::secret::Secret;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read: the server keeps up to 32 MB of a run, and JSON in JSON grows.
const ANSWER_MAX: usize = 64 * 1024 * 1024;
/// The longest part of a server's message that is passed on.
const MESSAGE_MAX: usize = 300;

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no such place, or nobody answers there in time.
    Unreachable(String),
    /// The server says no.
    Refused {
        status: StatusCode,
        message: Option<String>,
    },
    /// The answer is not what was expected.
    Unreadable,
    /// What was to be sent has no form in JSON.
    Unsendable,
    NoEventKey,
}

impl Trouble {
    pub(super) fn is_final(&self) -> bool {
        match self {
            Trouble::Unreachable(_) | Trouble::Unreadable => false,
            Trouble::Refused { status, .. } => {
                status.is_client_error()
                    && !matches!(*status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
            }
            Trouble::Unsendable | Trouble::NoEventKey => true,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Unreachable(problem) => write!(f, "the server cannot be reached ({problem})"),
            Trouble::Refused { status, message: Some(message) } => write!(f, "the server answers {status}: {message}"),
            Trouble::Refused { status, message: None } => write!(f, "the server answers {status}"),
            Trouble::Unreadable => f.write_str("the server's answer is not what was expected"),
            Trouble::Unsendable => f.write_str("it has no form in JSON"),
            Trouble::NoEventKey => {
                f.write_str("no event key is set: set INNGEST_EVENT_KEY, or INNGEST_DEV=1 for a dev server")
            }
        }
    }
}

const JSON: &str = "application/json";

/// A body, which is sent as often as need be.
pub(super) struct Body {
    bytes: Bytes,
    content_type: &'static str,
}

impl Body {
    pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Body, Trouble> {
        let json = serde_json::to_vec(value).map_err(|_| Trouble::Unsendable)?;
        Ok(Body { bytes: json.into(), content_type: JSON })
    }

    #[cfg(feature = "inngest-connect")]
    pub(super) fn protobuf(bytes: Vec<u8>) -> Body {
        Body { bytes: bytes.into(), content_type: "application/protobuf" }
    }
}

type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Connections to the server. They are made when the first request is sent.
pub(super) struct Http(OnceLock<Result<Connections, String>>);

impl Http {
    pub(super) fn new() -> Http {
        Http(OnceLock::new())
    }

    /// Sends a request: `POST` with a body, `GET` without.
    pub(super) async fn send(
        &self,
        url: &str,
        token: Option<&Secret>,
        environment: Option<&str>,
        headers: &[(&'static str, String)],
        body: Option<&Body>,
    ) -> Result<Bytes, Trouble> {
        let connections = self.0.get_or_init(connect).as_ref();
        let connections = connections.map_err(|problem| Trouble::Unreachable(problem.clone()))?;
        let request = request(url, token, environment, headers, body)?;
        let answer = async {
            let response = connections.request(request).await.map_err(|error| unreachable_server(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
            let body = body.map_err(|_| Trouble::Unreadable)?.to_bytes();
            Ok((status, body))
        };
        let late = || Trouble::Unreachable(format!("no answer within {} seconds", TIMEOUT.as_secs()));
        let (status, body) = tokio::time::timeout(TIMEOUT, answer).await.map_err(|_| late())??;
        if status.is_success() { Ok(body) } else { Err(Trouble::Refused { status, message: message(&body) }) }
    }
}

fn connect() -> Result<Connections, String> {
    Ok(Client::builder(TokioExecutor::new()).build(connector()?))
}

/// What opens connections, with TLS or without.
pub(super) fn connector() -> Result<HttpsConnector<HttpConnector>, String> {
    // The provider is named, since another crate of the program may bring a second one, between which rustls does not choose.
    let provider = rustls::crypto::ring::default_provider();
    let connector = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider);
    Ok(connector.map_err(|error| error.to_string())?.https_or_http().enable_http1().build())
}

fn request(
    url: &str,
    token: Option<&Secret>,
    environment: Option<&str>,
    headers: &[(&'static str, String)],
    body: Option<&Body>,
) -> Result<Request<Full<Bytes>>, Trouble> {
    // An address may hold an event key, so that the text of the problem is not passed on.
    let wrong = |_| Trouble::Unreachable("its address is no URL".to_owned());
    let uri: Uri = url.parse().map_err(|_| ()).map_err(wrong)?;
    let sdk = HeaderValue::from_static(SDK);
    let mut builder = Request::builder()
        .method(if body.is_some() { Method::POST } else { Method::GET })
        .uri(uri)
        .header(SDK_HEADER, sdk.clone())
        .header(USER_AGENT, sdk)
        .header(ACCEPT, HeaderValue::from_static("*/*"))
        .header(CONTENT_TYPE, HeaderValue::from_static(body.map_or(JSON, |body| body.content_type)));
    if let Some(environment) = environment {
        builder = builder.header(ENVIRONMENT, environment);
    }
    if let Some(token) = token {
        let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
        let mut value = value.map_err(|_| Trouble::Unreachable("the signing key is none".to_owned()))?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    for (name, value) in headers {
        builder = builder.header(*name, value);
    }
    let body = Full::new(body.map_or_else(Bytes::new, |body| body.bytes.clone()));
    builder.body(body).map_err(|_| ()).map_err(wrong)
}

/// What keeps a server from being reached, without its address.
fn unreachable_server(error: &hyper_util::client::legacy::Error) -> Trouble {
    Trouble::Unreachable(deepest_cause(error))
}

/// The text of an error's first cause. Those around it name addresses, and little else.
pub(super) fn deepest_cause(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

/// The message in a refusal.
fn message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        error: Option<String>,
        #[serde(default)]
        message: Option<String>,
    }
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let text = refusal.error.or(refusal.message)?;
    Some(text.chars().take(MESSAGE_MAX).collect())
}
