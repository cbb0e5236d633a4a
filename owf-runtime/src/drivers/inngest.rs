//! Workflows as functions of an [Inngest](https://www.inngest.com) app: the server keeps what runs record, waits, retries, and calls this process
//! over HTTP for each step.
//!
//! ```no_run
//! use owf_runtime::inngest::InngestDriver;
//! use owf_runtime::prelude::*;
//!
//! #[workflow(event = "user.joined")]
//! async fn greet(name: String) -> WorkflowResult<String> {
//!     let upper = step!("uppercase", name.to_uppercase()).await?;
//!     Ok(step!("create-greeting", format!("Hello, {upper}!")).await?)
//! }
//!
//! # async fn serve(listener: ()) {
//! // INNGEST_DEV=1 for a dev server; INNGEST_SIGNING_KEY and INNGEST_EVENT_KEY for the cloud, or a server of one's own.
//! let driver = InngestDriver::new("my-app").function(greet);
//! let client = driver.client();
//! let app = axum::Router::<()>::new().nest("/api/inngest", driver.router());
//! // axum::serve(listener, app).await?;
//! # let _ = app;
//! # }
//! ```
//!
//! Where the server cannot reach this process, `driver.connect().start().await?` (feature `inngest-connect`) opens a connection by which the calls come, in
//! place of the router.
//!
//! [`InngestDriver`] is no [`Driver`](crate::Driver): those take runs to their end in this process, and here the server does. One call of the server
//! is one invocation of the workflow, whose source stays the same. What differs, because the server decides it:
//!
//! - a run is started by an event, or invoked by another; its input is the event's data. An input that is no object travels as
//!   `{"input": ..}`;
//! - where neither the workflow nor a step says how often it is retried, the server's default holds (four retries) for the steps and for the
//!   workflow itself. A step may say less than its workflow, and not more. The server sets the waits in between, unless the code says a `backoff`,
//!   or an error [`retry_after`](crate::StepError::retry_after), in whole seconds;
//! - events are not kept for later waits, nor are signals: a signal is sent again, as a failed step is, until somebody waits for it.
//!   The name of a signal alone says who gets it, unless [`signals_per_run`](InngestDriver::signals_per_run) is said. There is one wait for a name
//!   at a time, and a signal of another type than the one that is waited for is gone;
//! - what an event has to match ([`matching`](crate::WaitForEvent::matching)) becomes an expression of the server's, which does not find texts that hold
//!   a backslash or the end of a line, takes a field that is missing for one that is `null`, and a number in a path for a place in a list;
//! - after a [`race!`](crate::race) every step takes two calls: it is planned first, for the server calls once more for each loser. A loser that is a
//!   step and not yet begun does not run; a body that is under way goes on to its end, and what it did after the race is not undone;
//! - where the connection of a call by HTTP breaks, its step stops at its next `.await`, and is tried again; a call that came by a connection of this
//!   process goes on;
//! - parallel branches go on in step: the server calls again when all is done that was planned together;
//! - the server knows nothing of parents: a child goes on when its parent is over, or does not wait for it any more;
//! - [`set_details`](crate::set_details), [`Invoke::id`](crate::Invoke::id) and [`Invoke::detached`](crate::Invoke::detached) say
//!   nothing to the server; a wait without a timeout ends after a year.
//!
//! # Runs that do not complete
//!
//! | what ends the run | undos and cleanups | who is told |
//! |---|---|---|
//! | it fails for good | run, as steps of the run | [`on_failure`](InngestFunction::on_failure), after them |
//! | `#[workflow(timeout = ..)]` | run | as above: to the server, the run has failed |
//! | [`InngestClient::cancel`], of a function that [cancels gracefully](InngestFunction::cancel_gracefully) | run | as above |
//! | the server: [`cancel_on`](InngestFunction::cancel_on), [`finish_timeout`](InngestFunction::finish_timeout), its UI, its API | **do not run** | a function with the event `inngest/function.cancelled` |
//!
//! When the server cancels a run by itself, it deletes what the run has recorded, and only then sends `inngest/function.cancelled`, which holds the
//! event that has started the run and nothing of its steps. So nobody can undo what the run did: neither the run, which is not called any
//! more, nor another function. What has to be undone is cancelled gracefully. A run that fails hears nothing of a cancellation while it undoes.
//!
//! What the event that has started a run says besides its data (its ID, its time) is not for workflows to see: with a batch, an invocation, a schedule or another
//! driver it is something else, or not there. What a workflow needs of it belongs in the data. [`now`](crate::now) and
//! [`run_id`](crate::run_id) are there on every driver.

mod api;
mod call;
mod checkpoint;
mod client;
#[cfg(feature = "inngest-connect")]
mod connect;
mod entries;
mod error_object;
mod expression;
mod failed_run;
mod function;
mod introspection;
mod limits;
mod memos;
mod opcode;
mod outgoing;
mod query;
mod registration;
mod reply;
mod request;
mod router;
mod secret;
mod sends;
mod serve;
mod settings;
mod signature;
mod sync;
mod time_text;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use self::api::Api;
use self::secret::Secret;
use self::settings::{Mode, Settings};
use crate::host::{Host, SystemHost};
use crate::kernel::OnDivergence;

pub use self::checkpoint::Checkpointing;
pub use self::client::{InngestClient, InngestError, InngestEvent, StartEvent};
#[cfg(feature = "inngest-connect")]
pub use self::connect::{Connect, ConnectWorker};
pub use self::failed_run::FailedRun;
pub use self::function::InngestFunction;
pub use self::limits::{Batch, CancelOn, Concurrency, Debounce, RateLimit, Scope, Singleton, Throttle};
pub use self::opcode::Notation;

/// The largest request that is taken, unless something else is said. The server sends up to 4 MB.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Serves workflows to an Inngest server.
///
/// What is not said is read from the process's environment when it is made: `INNGEST_DEV`, `INNGEST_EVENT_KEY`, `INNGEST_SIGNING_KEY`,
/// `INNGEST_SIGNING_KEY_FALLBACK`, `INNGEST_ENV`, `INNGEST_BASE_URL`, `INNGEST_API_BASE_URL`, `INNGEST_EVENT_API_BASE_URL`,
/// `INNGEST_SERVE_ORIGIN`, `INNGEST_SERVE_PATH` and `INNGEST_ALLOW_IN_BAND_SYNC`. Without `INNGEST_DEV` only requests that are signed
/// with the signing key are believed, and without a key none is.
#[must_use = "a driver does nothing unless it is served: mount `router()`, call `handle`, or `connect()`"]
pub struct InngestDriver {
    app: String,
    functions: Vec<InngestFunction>,
    settings: Settings,
    host: Arc<dyn Host>,
    on_divergence: OnDivergence,
    notation: Notation,
    signals_per_run: bool,
    checkpointing: Option<Checkpointing>,
    body_limit: usize,
    /// Made of the settings when it is first used.
    api: std::sync::OnceLock<Arc<Api>>,
}

impl InngestDriver {
    /// An app of this name, with the settings of the process's environment.
    pub fn new(app: impl Into<String>) -> InngestDriver {
        InngestDriver {
            app: app.into(),
            functions: Vec::new(),
            settings: Settings::from_environment(),
            host: Arc::new(SystemHost::new()),
            on_divergence: OnDivergence::default(),
            notation: Notation::default(),
            signals_per_run: false,
            checkpointing: None,
            body_limit: BODY_LIMIT,
            api: std::sync::OnceLock::new(),
        }
    }

    /// Serves a workflow, or one with a configuration of its own.
    pub fn function(mut self, function: impl Into<InngestFunction>) -> InngestDriver {
        let function = function.into();
        let on_failure = function.failure_function(&self.app);
        self.functions.push(function);
        self.functions.extend(on_failure);
        self
    }

    /// Uses a dev server, which signs nothing, or the cloud.
    pub fn dev(mut self, is_dev: bool) -> InngestDriver {
        self.settings.mode = if is_dev { Mode::Dev } else { Mode::Cloud };
        self
    }

    /// Where the server is, API and events alike: `http://inngest.internal:8288`.
    pub fn base_url(mut self, url: impl Into<String>) -> InngestDriver {
        self.settings.base_url = Some(url.into());
        self
    }

    /// The key that events are sent with.
    pub fn event_key(mut self, key: impl Into<String>) -> InngestDriver {
        self.settings.event_key = Secret::new(key);
        self
    }

    /// The key that requests are signed with.
    pub fn signing_key(mut self, key: impl Into<String>) -> InngestDriver {
        self.settings.signing_key = Secret::new(key);
        self
    }

    /// The key that is tried where the first one does not fit, while keys are rotated.
    pub fn signing_key_fallback(mut self, key: impl Into<String>) -> InngestDriver {
        self.settings.signing_key_fallback = Secret::new(key);
        self
    }

    /// The environment at the server, for apps of a branch.
    pub fn environment(mut self, name: impl Into<String>) -> InngestDriver {
        self.settings.environment = Some(name.into());
        self
    }

    /// Where this process is reached from the server: `https://app.example.com`. Otherwise it is what the requests say.
    pub fn serve_origin(mut self, origin: impl Into<String>) -> InngestDriver {
        self.settings.serve_origin = Some(origin.into());
        self
    }

    /// The path under which this is mounted, where requests come by another: `/api/inngest`.
    pub fn serve_path(mut self, path: impl Into<String>) -> InngestDriver {
        self.settings.serve_path = Some(path.into());
        self
    }

    /// Runs steps one after the other in one call, and reports them along the way, so that a run of many fast steps takes few calls.
    pub fn checkpointing(mut self, checkpointing: Checkpointing) -> InngestDriver {
        self.checkpointing = Some(checkpointing);
        self
    }

    /// What to do when recorded steps and today's code disagree; the default is a warning.
    pub fn on_divergence(mut self, policy: OnDivergence) -> InngestDriver {
        self.on_divergence = policy;
        self
    }

    /// Puts the run's ID before the names of its signals, so that runs may wait for signals of one name. Without, as in all of Inngest, the
    /// name alone says who gets a signal, and the run that [`send_signal`](crate::send_signal) names is not looked at.
    pub fn signals_per_run(mut self, per_run: bool) -> InngestDriver {
        self.signals_per_run = per_run;
        self
    }

    /// In which form operations are written.
    pub fn notation(mut self, notation: Notation) -> InngestDriver {
        self.notation = notation;
        self
    }

    /// The largest request that is taken, in bytes; 10 MiB unless something else is said.
    pub fn body_limit(mut self, bytes: usize) -> InngestDriver {
        self.body_limit = bytes;
        self
    }

    /// Takes time and randomness from another host, for tests.
    pub fn host(mut self, host: Arc<dyn Host>) -> InngestDriver {
        self.host = host;
        self
    }

    /// A client of the same server: it sends events.
    #[must_use]
    pub fn client(&self) -> InngestClient {
        let starts = self
            .functions
            .iter()
            .filter_map(|function| Some((function.workflow().name(), function.first_event()?.to_owned())));
        InngestClient::of_driver(self.api().clone(), self.host.clone(), starts.collect())
    }

    /// Tells the server which functions there are, and where: `url` is where this driver is mounted, `http://localhost:3000/api/inngest`. Returns
    /// whether the server learned anything new.
    ///
    /// A server that is told the address, or is asked to sync, does this by itself. Until it has, an event starts nothing: so a
    /// process that sends events as it starts registers first.
    ///
    /// # Errors
    ///
    /// When the server refuses it or cannot be reached, and when there are [`problems`](InngestDriver::problems).
    pub async fn register(&self, url: impl AsRef<str>) -> Result<bool, InngestError> {
        if let Some(problem) = self.problems().into_iter().next() {
            return Err(InngestError::refused(problem));
        }
        Ok(self.register_at(url.as_ref(), "axum", None, None).await?)
    }

    /// Answers a request of the server, whatever it came by: hyper, actix, a Lambda. The address of the request, or its `Host` header, says where
    /// this process is reached, unless [`serve_origin`](InngestDriver::serve_origin) does.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        self.serve("http", request).await
    }

    /// What keeps the functions from being registered: limits that are passed, options that exclude each other, names that are there twice.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.functions.iter().flat_map(InngestFunction::problems).collect();
        let mut names: Vec<&str> = self.functions.iter().map(InngestFunction::name).collect();
        names.sort_unstable();
        let twice = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        problems.extend(twice.map(|name| format!("function `{name}` is served twice: give one of them another name")));
        if self.app.trim().is_empty() {
            problems.push("the app has no name: `InngestDriver::new(\"my-app\")`".to_owned());
        }
        problems
    }

    fn api(&self) -> &Arc<Api> {
        self.api.get_or_init(|| Arc::new(Api::new(&self.settings, self.host.clone())))
    }
}

impl fmt::Debug for InngestDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InngestDriver")
            .field("app", &self.app)
            .field("functions", &self.functions.len())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
