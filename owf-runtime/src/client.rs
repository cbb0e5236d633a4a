//! The client: runs workflows on a driver, and tells what became of them.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use serde::Serialize;

use crate::driver::Driver;
use crate::error::{RunError, RunErrorReason};
use crate::handle::{RunHandle, RunRef};
use crate::host::BoxFuture;
use crate::kernel::{Mail, OnDivergence, RunId};
use crate::local::{LocalClient, Origin};
use crate::register::Registrations;
#[cfg(feature = "sqlite")]
use crate::stored::StoredClient;
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Workflow};

/// Runs workflows on a driver.
///
/// Cheap to clone; clones share their runs. It needs a tokio runtime with time enabled.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn greet(name: String) -> WorkflowResult<String> {
///     let upper = step!("uppercase", name.to_uppercase()).await?;
///     Ok(step!("create-greeting", format!("Hello, {upper}!")).await?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), RunError> {
/// let client = WorkflowClient::new(InMemoryDriver::new());
/// assert_eq!(client.invoke(greet, "Alice".to_owned()).await?, "Hello, ALICE!");
///
/// let run = client.start(greet, "Bob".to_owned()).id("greet-bob").await?;
/// assert_eq!(run.result().await?, "Hello, BOB!");
/// assert_eq!(run.steps().await?.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WorkflowClient {
    pub(crate) backend: Backend,
    /// What events and times start.
    registrations: Arc<Registrations>,
}

/// Why a run cannot be started.
pub(crate) const NO_ID: &str = "its ID is empty: name what it works on, `order-42`";

/// Why a workflow with transactions is refused.
pub(crate) const NO_DATABASE: &str = "it has a `transaction!`, which commits to the SQL database of its driver, and this driver has none: run it on \
                           `SqliteDriver` (feature `sqlite`)";

/// Where a client's runs are.
#[derive(Clone)]
pub(crate) enum Backend {
    /// In this process, executed as a [`Driver`] says.
    Local(LocalClient),
    /// In a store, executed by whichever process has claimed them.
    #[cfg(feature = "sqlite")]
    Stored(StoredClient),
}

/// What a client says of all runs that it begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) on_divergence: OnDivergence,
    pub(crate) keep_values: bool,
}

/// What a [`WorkflowClient`] can be made of: everything that implements [`Driver`], and the durable drivers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a driver",
    note = "pass the driver itself: `WorkflowClient::new(InMemoryDriver::new())`"
)]
pub trait ClientDriver: sealed::Connect {}

impl<D: Driver> ClientDriver for D {}

pub(crate) mod sealed {
    use std::sync::Arc;

    use super::Backend;
    use crate::driver::Driver;
    use crate::local::LocalClient;

    /// A backend, as others see it.
    pub struct Connected(pub(crate) Backend);

    pub trait Connect {
        fn connect(self) -> Connected;
    }

    impl<D: Driver> Connect for D {
        fn connect(self) -> Connected {
            Connected(Backend::Local(LocalClient::new(Arc::new(self))))
        }
    }
}

impl Backend {
    #[cfg(feature = "cron")]
    pub(crate) fn host(&self) -> Arc<dyn crate::host::Host> {
        match self {
            Backend::Local(local) => local.driver().host(),
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.host(),
        }
    }

    fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        match self {
            Backend::Local(local) => change(&mut local.settings),
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.configure(change),
        }
    }

    /// Lets events start runs of a workflow; `false` if one of its name is registered already.
    pub(crate) fn register(&self, workflow: AnyWorkflow) -> Result<bool, RunErrorReason> {
        match self {
            Backend::Local(local) => local.register(workflow),
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.register(workflow),
        }
    }

    pub(crate) fn unregister(&self, workflow: &AnyWorkflow) {
        match self {
            Backend::Local(local) => local.runs().unregister(workflow),
            // What a store knows of triggers outlives this process.
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.unregister(workflow),
        }
    }

    /// Finds the run of that ID, or begins it.
    pub(crate) async fn begin(
        &self,
        workflow: AnyWorkflow,
        input: Json,
        id: Option<RunId>,
        origin: Origin,
    ) -> Result<RunRef, RunError> {
        match self {
            Backend::Local(local) => {
                let state = local.begin(workflow, input, id, origin)?;
                Ok(RunRef::Local { state, host: local.driver().host() })
            }
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.begin(workflow, input, id).await.map(RunRef::Stored),
        }
    }

    async fn send(&self, run: &RunId, mail: Mail) -> Result<(), RunErrorReason> {
        match self {
            Backend::Local(local) => local.runs().send(run, mail),
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.send(run, mail).await,
        }
    }

    pub(crate) async fn publish(&self, name: &str, payload: &Json) -> Result<Vec<RunId>, RunError> {
        match self {
            Backend::Local(local) => local.publish(name, payload),
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.publish(name, payload).await,
        }
    }

    /// The last time at which a schedule has started a run, where that is kept.
    #[cfg(feature = "cron")]
    #[cfg_attr(not(feature = "sqlite"), expect(clippy::unused_async, unused_variables, reason = "nothing is kept"))]
    pub(crate) async fn last_tick(
        &self,
        workflow: &AnyWorkflow,
        expression: &str,
        timezone: Option<&str>,
    ) -> Option<std::time::SystemTime> {
        match self {
            Backend::Local(_) => None,
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.last_tick(workflow, expression, timezone).await,
        }
    }

    /// Notes that a schedule has started its run, where that is kept.
    #[cfg(feature = "cron")]
    #[cfg_attr(not(feature = "sqlite"), expect(clippy::unused_async, unused_variables, reason = "nothing is kept"))]
    pub(crate) async fn ticked(
        &self,
        workflow: &AnyWorkflow,
        expression: &str,
        timezone: Option<&str>,
        tick: std::time::SystemTime,
    ) {
        match self {
            Backend::Local(_) => {}
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => stored.ticked(workflow, expression, timezone, tick).await,
        }
    }

    /// The run of that ID; `None` if there is none.
    async fn find(&self, run: &RunId) -> Result<Option<RunRef>, RunErrorReason> {
        match self {
            Backend::Local(local) => {
                let host = local.driver().host();
                Ok(local.runs().get(run).map(|state| RunRef::Local { state, host }))
            }
            #[cfg(feature = "sqlite")]
            Backend::Stored(stored) => Ok(stored.find(run).await?.map(RunRef::Stored)),
        }
    }
}

impl WorkflowClient {
    /// A client of a driver.
    pub fn new(driver: impl ClientDriver) -> WorkflowClient {
        let sealed::Connected(backend) = driver.connect();
        WorkflowClient::over(backend)
    }

    pub(crate) fn over(backend: Backend) -> WorkflowClient {
        WorkflowClient { registrations: Arc::new(Registrations::new(backend.clone())), backend }
    }

    /// Sets what happens when recorded steps and today's code disagree; the default is a warning.
    #[must_use]
    pub fn on_divergence(mut self, policy: OnDivergence) -> WorkflowClient {
        self.backend.configure(|settings| settings.on_divergence = policy);
        self
    }

    /// Sets whether [`RunHandle::steps`] shows each step's input and output; off by default, since it costs memory and
    /// payloads may be secret.
    #[must_use]
    pub fn keep_values(mut self, keep: bool) -> WorkflowClient {
        self.backend.configure(|settings| settings.keep_values = keep);
        self
    }

    /// Runs a workflow to its end.
    ///
    /// Under the in-memory drivers it runs within the calling task, and dropping the future stops the run. Under a durable driver it is
    /// [started](WorkflowClient::start) without a name of its own, and goes on without the future.
    ///
    /// # Errors
    ///
    /// [`RunErrorReason`] lists what keeps a run from its result.
    pub async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        match &self.backend {
            Backend::Local(local) => local.invoke(workflow, input).await,
            #[cfg(feature = "sqlite")]
            Backend::Stored(_) => self.start(workflow, input).await?.result().await,
        }
    }

    /// Starts a workflow in a task of its own; await what it returns for a [`RunHandle`].
    ///
    /// [`Start::id`] names the run: starting it again with the same input gives a handle to the same run.
    pub fn start<W: Workflow>(&self, workflow: W, input: W::Input) -> Start<W> {
        Start { backend: self.backend.clone(), workflow, input, id: None }
    }

    /// Sends a signal to a run, which keeps it until it [waits](crate::wait_for_signal) for it.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is over, or when the value has no form in JSON.
    pub async fn signal<T: Serialize + ?Sized>(
        &self,
        run: impl Into<RunId>,
        name: impl Into<String>,
        value: &T,
    ) -> Result<(), RunError> {
        let run = run.into();
        let mail = signal(name.into(), value).map_err(|reason| RunError::new("", run.clone(), reason))?;
        self.backend.send(&run, mail).await.map_err(|reason| RunError::new("", run, reason))
    }

    /// Cancels a run: its operations stop, what it did is undone, and it ends with
    /// [`RunErrorReason::Cancelled`]. It returns when the wish is delivered; [`RunHandle::result`] waits for the end.
    ///
    /// # Errors
    ///
    /// When there is no such run, or when it is over.
    pub async fn cancel(&self, run: impl Into<RunId>, reason: impl Into<String>) -> Result<(), RunError> {
        let run = run.into();
        let mail = Mail::Cancel { reason: reason.into() };
        self.backend.send(&run, mail).await.map_err(|reason| RunError::new("", run, reason))
    }

    /// Sends an event to all runs that wait for it, and starts a run of each [registered](WorkflowClient::register) workflow that it
    /// triggers; returns the IDs of the runs that it started.
    ///
    /// # Errors
    ///
    /// When the value has no form in JSON.
    pub async fn send_event<T: Serialize + ?Sized>(
        &self,
        name: impl AsRef<str>,
        value: &T,
    ) -> Result<Vec<RunId>, RunError> {
        let payload = Json::encode(value).map_err(|problem| {
            let text = format!("event `{}` cannot be sent: {problem}", name.as_ref());
            RunError::new("", RunId::new(""), RunErrorReason::Refused(text))
        })?;
        self.backend.publish(name.as_ref(), &payload).await
    }

    /// A handle to a run that was started before.
    ///
    /// # Errors
    ///
    /// When there is no such run, or when it is one of another workflow.
    pub async fn handle<W: Workflow>(&self, _: W, run: impl Into<RunId>) -> Result<RunHandle<W>, RunError> {
        let run = run.into();
        let refused = |reason| RunError::new(W::NAME, run.clone(), reason);
        let found = self.backend.find(&run).await.map_err(refused)?.ok_or_else(|| refused(RunErrorReason::Unknown))?;
        if found.workflow() != W::NAME {
            let text = format!("it is a run of workflow `{}`", found.workflow());
            return Err(refused(RunErrorReason::Refused(text)));
        }
        Ok(RunHandle::new(found))
    }

    pub(crate) fn registrations(&self) -> &Registrations {
        &self.registrations
    }
}

/// A signal on its way to a run.
pub(crate) fn signal<T: Serialize + ?Sized>(name: String, value: &T) -> Result<Mail, RunErrorReason> {
    let payload = Json::encode(value)
        .map_err(|problem| RunErrorReason::Refused(format!("signal `{name}` cannot be sent: {problem}")))?;
    Ok(Mail::Signal { name, payload, sent_as: Some(std::any::type_name::<T>().to_owned()) })
}

impl fmt::Debug for WorkflowClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkflowClient").finish_non_exhaustive()
    }
}

pub(crate) fn needs_tokio() -> Result<tokio::runtime::Handle, RunErrorReason> {
    tokio::runtime::Handle::try_current().map_err(|_| {
        RunErrorReason::Refused(
            "there is no tokio runtime here: call the client from within one, as in `#[tokio::main] async fn main()`"
                .to_owned(),
        )
    })
}

/// A workflow that is about to start; `.await` starts it.
#[must_use = "the workflow starts when this is awaited"]
pub struct Start<W: Workflow> {
    backend: Backend,
    workflow: W,
    input: W::Input,
    id: Option<RunId>,
}

impl<W: Workflow> Start<W> {
    /// Names the run. Starting a run of this ID again gives a handle to the same run: under the in-memory drivers as long as the client
    /// lives, under a durable one as long as the run is kept. One that a failing driver interrupted is taken up again.
    pub fn id(mut self, id: impl Into<RunId>) -> Start<W> {
        self.id = Some(id.into());
        self
    }
}

impl<W: Workflow> fmt::Debug for Start<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start").field("workflow", &W::NAME).field("id", &self.id).finish_non_exhaustive()
    }
}

impl<W: Workflow> IntoFuture for Start<W> {
    type Output = Result<RunHandle<W>, RunError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Start { backend, workflow, input, id } = self;
            let input = Json::encode_to_decode(&input).map_err(|problem| {
                let id = id.clone().unwrap_or_else(|| RunId::new("not started"));
                RunError::new(W::NAME, id, RunErrorReason::Value(problem))
            })?;
            let run = backend.begin(AnyWorkflow::new(workflow), input, id, Origin::Client).await?;
            Ok(RunHandle::new(run))
        })
    }
}
