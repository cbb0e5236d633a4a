//! What this process asks of the server: events and signals to be sent, steps and functions to be noted.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha1::Digest as _;

use super::entries::Entries;
use super::opcode::Opcode;
use super::outgoing::{Body, Http, Trouble};
use super::request::{Call, Event};
use super::secret::Secret;
use super::settings::{Mode, Settings};
use super::signature::hashed_key;
use super::time_text;
use crate::host::Host;
use crate::value::Json;

/// How often what may succeed later is tried.
const ATTEMPTS: u32 = 5;
/// The wait after the first attempt; doubled after each of the next ones.
const WAIT_FIRST: Duration = Duration::from_millis(100);
/// What stands for an event key at a dev server, which looks at none.
const NO_EVENT_KEY: &str = "NO_EVENT_KEY_SET";

/// Why the server did not do what it was asked. Quotes no key and nothing that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    asked: &'static str,
    trouble: Trouble,
}

impl ApiError {
    pub(super) fn new(asked: &'static str, trouble: Trouble) -> ApiError {
        ApiError { asked, trouble }
    }

    /// Whether asking again cannot help.
    pub(super) fn is_final(&self) -> bool {
        self.trouble.is_final()
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        match self.trouble {
            Trouble::Refused { status, .. } => Some(status),
            _ => None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.asked, self.trouble)
    }
}

impl std::error::Error for ApiError {}

/// Why steps were not noted along the way.
#[derive(Debug)]
pub(super) enum CheckpointError {
    /// The run goes on in another call.
    Stale,
    Failed(ApiError),
}

/// An event to be sent.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Outgoing {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) data: Json,
    pub(super) ts: Option<u64>,
}

/// What the IDs of events are made of that have none: the same seed stands for the same events.
#[derive(Clone, Debug)]
pub(super) struct Seed(String);

impl Seed {
    /// The seed of an operation's events, the same for every attempt of it.
    pub(super) fn of_operation(operation: &str, started_at: SystemTime) -> Seed {
        let digest = sha1::Sha1::digest(operation.as_bytes());
        Seed::new(time_text::millis(started_at), &digest[..10])
    }

    /// A seed of its own.
    pub(super) fn random(host: &dyn Host) -> Seed {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&host.random().to_be_bytes());
        bytes[8..].copy_from_slice(&host.random().to_be_bytes()[..2]);
        Seed::new(time_text::millis(host.now()), &bytes)
    }

    fn new(millis: u64, entropy: &[u8]) -> Seed {
        Seed(format!("{millis},{}", Base64::encode_string(entropy)))
    }
}

/// The server's API.
pub(super) struct Api {
    http: Http,
    host: Arc<dyn Host>,
    mode: Mode,
    api_origin: String,
    event_origin: String,
    event_key: Option<Secret>,
    /// The signing keys as they are sent, the first of them first.
    tokens: Vec<Secret>,
    environment: Option<String>,
}

impl Api {
    pub(super) fn new(settings: &Settings, host: Arc<dyn Host>) -> Api {
        Api {
            http: Http::new(),
            host,
            mode: settings.mode,
            api_origin: settings.api_origin(),
            event_origin: settings.event_origin(),
            event_key: settings.event_key.clone(),
            tokens: settings.signing_keys().filter_map(|key| Secret::new(hashed_key(key))).collect(),
            environment: settings.environment.clone(),
        }
    }

    /// Sends events in one request; returns the IDs that they got.
    pub(super) async fn send_events(&self, mut events: Vec<Outgoing>, seed: &Seed) -> Result<Vec<String>, ApiError> {
        #[derive(Deserialize)]
        struct Sent {
            #[serde(default)]
            ids: Vec<String>,
        }
        const ASKED: &str = "sending events";
        let key = match (&self.event_key, self.mode) {
            (Some(key), _) => key.expose(),
            (None, Mode::Dev) => NO_EVENT_KEY,
            (None, Mode::Cloud) => return Err(ApiError::new(ASKED, Trouble::NoEventKey)),
        };
        let now = time_text::millis(self.host.now());
        events.iter_mut().for_each(|event| event.ts = event.ts.or(Some(now)));
        let url = format!("{}/e/{key}", self.event_origin);
        let body = Body::json(&events).map_err(|trouble| ApiError::new(ASKED, trouble))?;
        let headers = [("x-inngest-event-id-seed", seed.0.clone())];
        let sent: Sent = self.retrying(|| self.send(ASKED, &url, &[], &headers, Some(&body))).await?;
        Ok(sent.ids)
    }

    /// Sends a signal; returns the run that waited for it, if one did.
    pub(super) async fn send_signal(&self, signal: &str, data: &Json) -> Result<Option<String>, ApiError> {
        #[derive(Serialize)]
        struct Signal<'a> {
            signal: &'a str,
            data: &'a Json,
        }
        #[derive(Deserialize)]
        struct Sent {
            data: Run,
        }
        #[derive(Deserialize)]
        struct Run {
            run_id: String,
        }
        const ASKED: &str = "sending a signal";
        let body = Body::json(&Signal { signal, data }).map_err(|trouble| ApiError::new(ASKED, trouble))?;
        let url = format!("{}/v1/signals", self.api_origin);
        match self.send::<Sent>(ASKED, &url, &self.tokens, &[], Some(&body)).await {
            Ok(sent) => Ok(Some(sent.data.run_id)),
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches what was too large to be sent along with a call.
    pub(super) async fn complete(&self, call: &mut Call) -> Result<(), ApiError> {
        let run = &call.ctx.run_id;
        let events = format!("{}/v0/runs/{run}/batch", self.api_origin);
        let steps = format!("{}/v0/runs/{run}/actions", self.api_origin);
        let events: Vec<Event> =
            self.retrying(|| self.send("fetching a run's events", &events, &self.tokens, &[], None)).await?;
        let steps: Entries =
            self.retrying(|| self.send("fetching a run's steps", &steps, &self.tokens, &[], None)).await?;
        if let Some(first) = events.first() {
            call.event = first.clone();
        }
        (call.events, call.steps) = (events, steps);
        Ok(())
    }

    /// Has steps noted while a call goes on.
    pub(super) async fn checkpoint(&self, call: &Call, steps: &[Opcode]) -> Result<(), CheckpointError> {
        #[derive(Serialize)]
        struct Checkpoint<'a> {
            run_id: &'a str,
            fn_id: Option<&'a str>,
            qi_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            generation_id: Option<u64>,
            request_started_at: u64,
            steps: &'a [Opcode],
            ts: u64,
        }
        const ASKED: &str = "reporting steps";
        let body = Body::json(&Checkpoint {
            run_id: &call.ctx.run_id,
            fn_id: call.ctx.fn_id.as_deref(),
            qi_id: call.ctx.qi_id.as_deref(),
            request_id: call.request_id.as_deref(),
            generation_id: call.generation_id,
            request_started_at: call.began_at,
            steps,
            ts: time_text::millis(self.host.now()),
        });
        let body = body.map_err(|trouble| CheckpointError::Failed(ApiError::new(ASKED, trouble)))?;
        let url = format!("{}/v1/checkpoint/{}/async", self.api_origin, call.ctx.run_id);
        let sent = self.retrying(|| self.ask(ASKED, &url, &self.tokens, &[], Some(&body))).await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) if error.status() == Some(StatusCode::CONFLICT) => Err(CheckpointError::Stale),
            Err(error) => Err(CheckpointError::Failed(error)),
        }
    }

    /// Registers the functions; returns whether that changed anything.
    pub(super) async fn register<T: Serialize>(
        &self,
        body: &T,
        deploy_id: Option<&str>,
        headers: &[(&'static str, String)],
    ) -> Result<bool, ApiError> {
        #[derive(Deserialize)]
        struct Registered {
            #[serde(default)]
            modified: bool,
        }
        const ASKED: &str = "registering the functions";
        let body = Body::json(body).map_err(|trouble| ApiError::new(ASKED, trouble))?;
        let mut url = format!("{}/fn/register", self.api_origin);
        if let Some(id) = deploy_id {
            url = format!("{url}?deployId={id}");
        }
        let registered: Registered = self.send(ASKED, &url, &self.tokens, headers, Some(&body)).await?;
        Ok(registered.modified)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        asked: &'static str,
        url: &str,
        tokens: &[Secret],
        headers: &[(&'static str, String)],
        body: Option<&Body>,
    ) -> Result<T, ApiError> {
        let answer = self.ask(asked, url, tokens, headers, body).await?;
        serde_json::from_slice(&answer).map_err(|_| ApiError::new(asked, Trouble::Unreadable))
    }

    /// Asks at a path of the API.
    #[cfg(feature = "inngest-connect")]
    pub(super) async fn ask_at(&self, asked: &'static str, path: &str, body: &Body) -> Result<Bytes, ApiError> {
        let url = format!("{}{path}", self.api_origin);
        self.ask(asked, &url, &self.tokens, &[], Some(body)).await
    }

    /// Asks with the first of the keys that the server accepts.
    async fn ask(
        &self,
        asked: &'static str,
        url: &str,
        tokens: &[Secret],
        headers: &[(&'static str, String)],
        body: Option<&Body>,
    ) -> Result<Bytes, ApiError> {
        let mut tokens = tokens.iter();
        let mut token = tokens.next();
        loop {
            let environment = self.environment.as_deref();
            let refused = match self.http.send(url, token, environment, headers, body).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => ApiError::new(asked, trouble),
            };
            let is_unauthorized = matches!(refused.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN));
            match tokens.next().filter(|_| is_unauthorized) {
                Some(next) => token = Some(next),
                None => return Err(refused),
            }
        }
    }

    /// Asks again after a while, where that can help.
    async fn retrying<T, F>(&self, ask: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut wait = WAIT_FIRST;
        for _ in 1..ATTEMPTS {
            match ask().await {
                Err(error) if !error.is_final() => {}
                done => return done,
            }
            // Up to as much again, so that many do not ask in step.
            let jitter = wait.mul_f64((self.host.random() >> 11) as f64 / (1_u64 << 53) as f64);
            self.host.sleep_until(self.host.now() + wait + jitter).await;
            wait *= 2;
        }
        ask().await
    }
}
