//! Events: what runs are started with, and wait for.

use std::collections::HashMap;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use super::api::{Api, ApiError, Outgoing, Seed};
use super::opcode::cancel_signal;
use super::request::event_data;
use super::settings::Settings;
use super::time_text;
use crate::host::{BoxFuture, Host, SystemHost};
use crate::value::Json;
use crate::workflow::{Trigger, Workflow};

/// Sends events and signals to an Inngest server. Cheap to clone.
///
/// ```no_run
/// use owf_runtime::inngest::{InngestClient, InngestError, InngestEvent};
/// use owf_runtime::prelude::*;
///
/// #[workflow(event = "order.created")]
/// async fn process_order(order: u64) -> WorkflowResult<u64> {
///     Ok(step!("charge", order * 2).await?)
/// }
///
/// # async fn start() -> Result<(), InngestError> {
/// let client = InngestClient::new();
/// client.start(process_order, 42).id("order-42").await?;
/// client.send([InngestEvent::new("order.paid", &serde_json::json!({ "order": 42 }))?]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct InngestClient {
    api: Arc<Api>,
    host: Arc<dyn Host>,
    /// The events that start workflows, by name, where a driver knows more than the workflow says.
    starts: Arc<HashMap<&'static str, String>>,
}

/// An event to be sent.
#[derive(Clone, Debug)]
pub struct InngestEvent(Outgoing);

/// Why something was not sent, or not registered. Quotes no key and no payload.
#[derive(Clone, PartialEq, Eq)]
pub struct InngestError(Reason);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Api(ApiError),
    Refused(String),
}

impl From<ApiError> for InngestError {
    fn from(error: ApiError) -> Self {
        InngestError(Reason::Api(error))
    }
}

impl InngestError {
    pub(super) fn refused(text: String) -> InngestError {
        InngestError(Reason::Refused(text))
    }

    /// Whether sending it again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(&self.0, Reason::Api(error) if !error.is_final())
    }
}

impl fmt::Display for InngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Api(error) => write!(f, "{error}"),
            Reason::Refused(text) => f.write_str(text),
        }
    }
}

/// As it is displayed: it is what `main` prints when it returns an error.
impl fmt::Debug for InngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InngestError {}

impl InngestClient {
    /// A client with the settings of the process's environment, as [`InngestDriver::new`](super::InngestDriver::new) reads them.
    #[must_use]
    pub fn new() -> InngestClient {
        let host: Arc<dyn Host> = Arc::new(SystemHost::new());
        let api = Arc::new(Api::new(&Settings::from_environment(), host.clone()));
        InngestClient::of_driver(api, host, HashMap::new())
    }

    pub(super) fn of_driver(
        api: Arc<Api>,
        host: Arc<dyn Host>,
        starts: HashMap<&'static str, String>,
    ) -> InngestClient {
        InngestClient { api, host, starts: Arc::new(starts) }
    }

    /// Sends events, all in one request; returns their IDs. It is tried several times, and arrives once.
    ///
    /// # Errors
    ///
    /// When the server refuses them or cannot be reached, and when there is no event key.
    pub async fn send(&self, events: impl IntoIterator<Item = InngestEvent>) -> Result<Vec<String>, InngestError> {
        let events: Vec<Outgoing> = events.into_iter().map(|event| event.0).collect();
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let seed = Seed::random(&*self.host);
        Ok(self.api.send_events(events, &seed).await?)
    }

    /// Sends the event that starts a run of a workflow, with its input; await what it returns for the event's ID.
    pub fn start<W: Workflow>(&self, workflow: W, input: W::Input) -> StartEvent<'_> {
        let said = workflow.triggers().iter().find_map(|trigger| match trigger {
            Trigger::Event { name } => Some((*name).to_owned()),
            Trigger::Cron { .. } => None,
        });
        let name = said.or_else(|| self.starts.get(W::NAME).cloned()).ok_or_else(|| {
            let name = W::NAME;
            format!("no event starts workflow `{name}`: say `#[workflow(event = \"..\")]`")
        });
        let event = name.and_then(|name| {
            let input = Json::encode(&input).map_err(|problem| format!("the input of `{}`: {problem}", W::NAME))?;
            Ok(Outgoing { id: None, name, data: event_data(&input), ts: None })
        });
        StartEvent { client: self, event: event.map(InngestEvent) }
    }

    /// Sends a signal; returns the run that waited for it, or `None` if none did: signals are not kept.
    ///
    /// # Errors
    ///
    /// When the server refuses it or cannot be reached, and when the value has no form in JSON.
    pub async fn signal<T: Serialize + ?Sized>(
        &self,
        name: impl AsRef<str>,
        value: &T,
    ) -> Result<Option<String>, InngestError> {
        let data = Json::encode(value).map_err(|problem| InngestError::refused(problem.to_string()))?;
        Ok(self.api.send_signal(name.as_ref(), &data).await?)
    }

    /// Cancels a run of a function that [cancels gracefully](super::InngestFunction::cancel_gracefully): its operations stop, what it did is undone,
    /// and it fails with the reason. Returns `false` if nobody hears of it: the run is over, has not begun, or its function says nothing
    /// of the kind.
    ///
    /// `run` is the server's ID of the run, which [`run_id`](crate::run_id) tells in its code. A body that is running goes on to its end.
    ///
    /// # Errors
    ///
    /// When the server refuses it or cannot be reached.
    pub async fn cancel(&self, run: impl AsRef<str>, reason: impl Into<String>) -> Result<bool, InngestError> {
        Ok(self.signal(cancel_signal(run.as_ref()), &reason.into()).await?.is_some())
    }
}

impl Default for InngestClient {
    fn default() -> Self {
        InngestClient::new()
    }
}

impl fmt::Debug for InngestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InngestClient").finish_non_exhaustive()
    }
}

impl InngestEvent {
    /// An event with its data. What is no object travels as `{"input": ..}`.
    ///
    /// # Errors
    ///
    /// When the data has no form in JSON.
    pub fn new<T: Serialize + ?Sized>(name: impl Into<String>, data: &T) -> Result<InngestEvent, InngestError> {
        let name = name.into();
        let data = Json::encode(data)
            .map_err(|problem| InngestError::refused(format!("event `{name}` cannot be sent: {problem}")))?;
        Ok(InngestEvent(Outgoing { id: None, name, data: event_data(&data), ts: None }))
    }

    /// Names the event: within a day, another one of this ID starts nothing.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> InngestEvent {
        self.0.id = Some(id.into());
        self
    }

    /// When it happened; in the future, when runs start.
    #[must_use]
    pub fn at(mut self, time: SystemTime) -> InngestEvent {
        self.0.ts = Some(time_text::millis(time));
        self
    }
}

/// What [`InngestClient::start`] returns: awaiting it sends the event, and yields its ID.
#[derive(Debug)]
#[must_use = "nothing is sent unless this is awaited: add `.await`"]
pub struct StartEvent<'c> {
    client: &'c InngestClient,
    event: Result<InngestEvent, String>,
}

impl StartEvent<'_> {
    /// Names the event: another one of this ID starts no run within a day.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.event = self.event.map(|event| event.id(id));
        self
    }
}

impl<'c> IntoFuture for StartEvent<'c> {
    type Output = Result<String, InngestError>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let event = self.event.map_err(InngestError::refused)?;
            let ids = self.client.send([event]).await?;
            Ok(ids.into_iter().next().unwrap_or_default())
        })
    }
}
