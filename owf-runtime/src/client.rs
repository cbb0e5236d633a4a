//! The client: runs workflows on a driver, and tells what became of them.

use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;

use crate::driver::Driver;
use crate::error::{RunError, RunErrorReason};
use crate::failure::Failure;
use crate::handle::RunHandle;
use crate::host::BoxFuture;
use crate::kernel::{
    Action, Inbox, Mail, MemoResult, Memos, OnDivergence, Operation, RunId, RunInfo, Session, SessionOptions,
    time_after,
};
use crate::local::{LocalRuns, RunState};
use crate::register::Registrations;
use crate::runner::Runner;
use crate::value::{Json, Value};
use crate::workflow::{AnyWorkflow, Workflow, begin_live};

/// How long a run that nobody can start again waits for a driver that failed, before it is taken up again.
const DRIVER_RETRY: Duration = Duration::from_secs(1);

/// Who began a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A client, which can start it again.
    Client,
    /// An event, or a time.
    Trigger,
    /// Another run, which takes its end when that comes.
    Parent,
}

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
    driver: Arc<dyn Driver>,
    on_divergence: OnDivergence,
    keep_values: bool,
    runs: LocalRuns,
    /// What events and times start; `None` in a client that runs hold, which keeps nothing registered.
    registrations: Option<Arc<Registrations>>,
}

impl WorkflowClient {
    /// A client of a driver.
    pub fn new(driver: impl Driver) -> WorkflowClient {
        let runs = driver.local_runs().unwrap_or_default();
        WorkflowClient {
            registrations: Some(Arc::new(Registrations::new(runs.clone()))),
            runs,
            driver: Arc::new(driver),
            on_divergence: OnDivergence::default(),
            keep_values: false,
        }
    }

    /// Sets what happens when recorded steps and today's code disagree; the default is a warning.
    #[must_use]
    pub fn on_divergence(mut self, policy: OnDivergence) -> WorkflowClient {
        self.on_divergence = policy;
        self
    }

    /// Sets whether [`RunHandle::steps`] shows each step's input and output; off by default, since it costs memory and
    /// payloads may be secret.
    #[must_use]
    pub fn keep_values(mut self, keep: bool) -> WorkflowClient {
        self.keep_values = keep;
        self
    }

    /// Runs a workflow to its end, within the calling task: dropping the future stops the run.
    ///
    /// # Errors
    ///
    /// [`RunErrorReason`] lists what keeps a run from its result.
    pub async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        let run = RunInfo::new(self.new_id(), W::NAME, self.driver.host().now());
        let id = run.id.clone();
        let failed = |reason| RunError::new(W::NAME, id, reason);
        match caught(self.run_to_end(workflow, input, run)).await {
            Ok(value) => value.into_typed().map_err(|problem| failed(RunErrorReason::Value(problem))),
            Err(reason) => Err(failed(reason)),
        }
    }

    /// Starts a workflow in a task of its own; await what it returns for a [`RunHandle`].
    ///
    /// [`Start::id`] names the run: starting it again with the same input gives a handle to the same run.
    pub fn start<W: Workflow>(&self, workflow: W, input: W::Input) -> Start<W> {
        Start { client: self.clone(), workflow, input, id: None }
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
        self.runs.send(&run, mail).map_err(|reason| RunError::new("", run, reason))
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
        self.runs.send(&run, mail).map_err(|reason| RunError::new("", run, reason))
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
        self.publish(name.as_ref(), &payload)
    }

    /// A handle to a run that was started before.
    ///
    /// # Errors
    ///
    /// When there is no such run, or when it is one of another workflow.
    pub async fn handle<W: Workflow>(&self, _: W, run: impl Into<RunId>) -> Result<RunHandle<W>, RunError> {
        let run = run.into();
        let Some(state) = self.runs.get(&run) else {
            return Err(RunError::new(W::NAME, run, RunErrorReason::Unknown));
        };
        if state.workflow != W::NAME {
            let text = format!("it is a run of workflow `{}`", state.workflow);
            return Err(RunError::new(W::NAME, run, RunErrorReason::Refused(text)));
        }
        Ok(RunHandle::new(state, self.driver.host()))
    }

    async fn run_to_end<W: Workflow>(
        &self,
        workflow: W,
        input: W::Input,
        run: RunInfo,
    ) -> Result<Value, RunErrorReason> {
        needs_tokio()?;
        let options = workflow.options();
        let policy = options.run_policy();
        // Nobody can start it again, so nobody asks for its input.
        let state = Arc::new(RunState::new(&run, Json::null(), Inbox::new(), false, false));
        self.runs.insert(&state);
        let _execution = Execution { runs: self.runs.clone(), state: state.clone() };
        let session = if self.driver.keeps_memos() || policy.retries > 0 {
            let input = Json::encode_to_decode(&input).map_err(RunErrorReason::Value)?;
            self.session(AnyWorkflow::new(workflow), &state, &run, input).await?
        } else {
            self.driver.on_run_started(&run, None).await.map_err(RunErrorReason::Driver)?;
            Session::live(begin_live(workflow, input), run.clone(), &options, self.session_options())
        };
        let session = session.with_inbox(state.inbox.clone());
        Runner { client: self.without_registrations(), state, keeps_steps: false, run, policy }.run(session).await
    }

    async fn session(
        &self,
        workflow: AnyWorkflow,
        state: &RunState,
        run: &RunInfo,
        input: Json,
    ) -> Result<Session, RunErrorReason> {
        let known = self.driver.keeps_memos().then_some(&input);
        let memos: Memos = self.driver.on_run_started(run, known).await.map_err(RunErrorReason::Driver)?;
        state.recall(&memos);
        Session::new(workflow, run.clone(), input, memos, self.session_options()).map_err(RunErrorReason::Value)
    }

    fn session_options(&self) -> SessionOptions {
        let mut options = SessionOptions::new(self.driver.host());
        options.on_divergence = self.on_divergence;
        options.keep_values = self.keep_values;
        options
    }

    fn new_id(&self) -> RunId {
        let host = self.driver.host();
        RunId::from(format!("{:016x}{:016x}", host.random(), host.random()))
    }

    /// A clone for what goes on by itself: it does not keep alive what was registered.
    pub(crate) fn without_registrations(&self) -> WorkflowClient {
        WorkflowClient { registrations: None, ..self.clone() }
    }

    pub(crate) fn registrations(&self) -> Option<&Registrations> {
        self.registrations.as_deref()
    }

    pub(crate) fn driver(&self) -> &Arc<dyn Driver> {
        &self.driver
    }

    pub(crate) fn runs(&self) -> &LocalRuns {
        &self.runs
    }

    /// Finds the run of that ID, or begins it. One that has a name can be asked for after its end, a child as long as its parent is not
    /// over.
    pub(crate) fn begin(
        &self,
        workflow: AnyWorkflow,
        input: Json,
        id: Option<RunId>,
        origin: Origin,
    ) -> Result<Arc<RunState>, RunError> {
        let name = workflow.name();
        let is_kept = id.is_some() && origin != Origin::Parent;
        let id = id.unwrap_or_else(|| self.new_id());
        let refused = |reason| RunError::new(name, id.clone(), reason);
        if id.as_str().is_empty() {
            return Err(refused(RunErrorReason::Refused(
                "its ID is empty: name what it works on, `order-42`".to_owned(),
            )));
        }
        let runtime = needs_tokio().map_err(refused)?;
        let make = |known: Option<&RunState>| {
            let started_at = known.map_or_else(|| self.driver.host().now(), |known| known.started_at);
            let run = RunInfo::new(id.clone(), name, started_at);
            // What was sent to it meanwhile is not lost, nor is what is sent by an old handle.
            let inbox = known.map_or_else(Inbox::new, |known| known.inbox.clone());
            Arc::new(RunState::new(&run, input.clone(), inbox, self.keep_values, is_kept))
        };
        let (state, is_new) = self.runs.find_or_insert(&id, name, &input, make).map_err(refused)?;
        if is_new {
            let (client, executed) = (self.without_registrations(), state.clone());
            let execution = Execution { runs: self.runs.clone(), state: state.clone() };
            runtime.spawn(async move {
                let end = client.run_task(workflow, input, &executed, origin).await;
                executed.finish(end.map_err(|reason| RunError::new(name, id, reason)));
                drop(execution);
            });
        }
        Ok(state)
    }

    async fn run_task(
        &self,
        workflow: AnyWorkflow,
        input: Json,
        state: &Arc<RunState>,
        origin: Origin,
    ) -> Result<Json, RunErrorReason> {
        loop {
            let end = caught(self.run_once(workflow.clone(), input.clone(), state)).await;
            match end {
                Err(RunErrorReason::Driver(error)) if origin != Origin::Client => {
                    tracing::error!(target: "owf", run = state.id.as_str(), "run `{}` is interrupted: {error}", state.id);
                    let host = self.driver.host();
                    host.sleep_until(time_after(host.now(), DRIVER_RETRY)).await;
                }
                end => return end,
            }
        }
    }

    async fn run_once(
        &self,
        workflow: AnyWorkflow,
        input: Json,
        state: &Arc<RunState>,
    ) -> Result<Json, RunErrorReason> {
        let policy = workflow.options().run_policy();
        let memoized = self.driver.keeps_memos() || policy.retries > 0;
        let run = RunInfo::new(state.id.clone(), state.workflow, state.started_at);
        let mut session = self.session(workflow, state, &run, input).await?.with_inbox(state.inbox.clone());
        if !memoized {
            session.forget_values();
        }
        let runner =
            Runner { client: self.without_registrations(), state: state.clone(), keeps_steps: true, run, policy };
        match runner.run(session).await? {
            Value::Encoded(json) => Ok(json),
            Value::Live(_) => Err(RunErrorReason::Refused("its result was not encoded".to_owned())),
        }
    }

    /// Does what an operation of a run asks of others, once; the result arrives in the run's inbox.
    pub(crate) fn carry_out(&self, state: &RunState, operation: &Operation) {
        let id = &operation.id;
        let result = match &operation.action {
            Action::WaitForEvent { event, .. } => return self.runs.subscribe(state, id, event),
            Action::SendSignal { run, name, payload, sent_as } if state.sends(id) => {
                let sent_as = Some((*sent_as).to_owned());
                let mail = Mail::Signal { name: name.clone(), payload: payload.clone(), sent_as };
                self.runs.send(run, mail).map_err(|reason| RunError::new("", run.clone(), reason))
            }
            Action::SendEvent { name, payload } if state.sends(id) => self.publish(name, payload).map(|_| ()),
            Action::SendEvents { events } if state.sends(id) => {
                events.iter().try_for_each(|(name, payload)| self.publish(name, payload).map(|_| ()))
            }
            Action::Invoke { workflow, run, input, detached }
                if state.adopts(id, run, *detached) || self.runs.has_lost(state, id, run) =>
            {
                match self.begin(workflow.clone(), input.clone(), Some(run.clone()), Origin::Parent) {
                    Ok(child) => return child.notify(&state.inbox, id),
                    Err(error) => Err(error),
                }
            }
            _ => return,
        };
        let result = match result {
            Ok(()) => MemoResult::Value(Json::null()),
            Err(error) => MemoResult::Error(Failure::msg(error).into_fatal()),
        };
        state.inbox.push(Mail::Answer { id: id.clone(), result });
    }

    /// Nobody waits for an operation any more.
    pub(crate) fn give_up(&self, state: &RunState, operation: &Operation) {
        match &operation.action {
            Action::WaitForEvent { .. } => self.runs.unsubscribe(state, &operation.id),
            Action::Invoke { run, detached: false, .. } => self.runs.cancel_child(state, run),
            _ => {}
        }
    }
}

/// A run while it is executed: at its end, or when the execution is dropped, nothing waits for it in vain.
struct Execution {
    runs: LocalRuns,
    state: Arc<RunState>,
}

impl Drop for Execution {
    fn drop(&mut self) {
        if self.state.end().is_none() {
            self.state.lose();
        }
        self.runs.leave(&self.state);
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
        f.debug_struct("WorkflowClient")
            .field("on_divergence", &self.on_divergence)
            .field("keep_values", &self.keep_values)
            .finish_non_exhaustive()
    }
}

/// Turns a panic of the driver, the host or a destructor into a reason.
async fn caught<T>(run: impl Future<Output = Result<T, RunErrorReason>>) -> Result<T, RunErrorReason> {
    let mut run = pin!(run);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(cx))) {
        Ok(polled) => polled,
        Err(payload) => Poll::Ready(Err(RunErrorReason::Panicked(Failure::panic(&*payload)))),
    })
    .await
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
    client: WorkflowClient,
    workflow: W,
    input: W::Input,
    id: Option<RunId>,
}

impl<W: Workflow> Start<W> {
    /// Names the run. As long as the client lives, starting a run of this ID again gives a handle to the same run; one that a
    /// failing driver interrupted is taken up again.
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
            let Start { client, workflow, input, id } = self;
            let input = Json::encode_to_decode(&input).map_err(|problem| {
                let id = id.clone().unwrap_or_else(|| RunId::new("not started"));
                RunError::new(W::NAME, id, RunErrorReason::Value(problem))
            })?;
            let state = client.begin(AnyWorkflow::new(workflow), input, id, Origin::Client)?;
            Ok(RunHandle::new(state, client.driver.host()))
        })
    }
}
