//! The client: runs workflows on a driver, and tells what became of them.

use std::collections::HashMap;
use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::watch;

use crate::driver::Driver;
use crate::error::{RunError, RunErrorReason};
use crate::failure::Failure;
use crate::host::BoxFuture;
use crate::kernel::{Memos, OnDivergence, RunId, RunInfo, Session, SessionOptions};
use crate::record::{StepOutcome, StepRecord};
use crate::runner::{Log, Runner};
use crate::value::{Json, JsonError, Value};
use crate::workflow::{AnyWorkflow, Workflow, begin_live};

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
/// assert_eq!(run.steps().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WorkflowClient {
    driver: Arc<dyn Driver>,
    on_divergence: OnDivergence,
    keep_values: bool,
    named: Arc<Mutex<HashMap<RunId, Arc<RunState>>>>,
}

impl WorkflowClient {
    /// A client of a driver.
    pub fn new(driver: impl Driver) -> WorkflowClient {
        WorkflowClient {
            driver: Arc::new(driver),
            on_divergence: OnDivergence::default(),
            keep_values: false,
            named: Arc::default(),
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
        let run = RunInfo { id: self.new_id(), workflow: W::NAME, attempt: 1 };
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

    async fn run_to_end<W: Workflow>(
        &self,
        workflow: W,
        input: W::Input,
        run: RunInfo,
    ) -> Result<Value, RunErrorReason> {
        needs_tokio()?;
        let options = workflow.options();
        let session = if self.driver.keeps_memos() || options.run_policy().retries > 0 {
            let input = Json::encode_to_decode(&input).map_err(RunErrorReason::Value)?;
            self.session(AnyWorkflow::new(workflow), &run, input).await?
        } else {
            self.driver.on_run_started(&run, None).await.map_err(RunErrorReason::Driver)?;
            Session::live(begin_live(workflow, input), run.clone(), &options, self.session_options())
        };
        let policy = options.run_policy();
        Runner { driver: self.driver.clone(), log: None, run, policy }.run(session).await
    }

    async fn session(&self, workflow: AnyWorkflow, run: &RunInfo, input: Json) -> Result<Session, RunErrorReason> {
        let known = self.driver.keeps_memos().then_some(&input);
        let memos: Memos = self.driver.on_run_started(run, known).await.map_err(RunErrorReason::Driver)?;
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

    fn named(&self) -> MutexGuard<'_, HashMap<RunId, Arc<RunState>>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the run of that ID, or begins it.
    fn begin(&self, workflow: AnyWorkflow, input: Json, id: Option<RunId>) -> Result<Arc<RunState>, RunError> {
        let name = workflow.name();
        let named = id.is_some();
        let id = id.unwrap_or_else(|| self.new_id());
        let refused = |reason| RunError::new(name, id.clone(), reason);
        if id.as_str().is_empty() {
            return Err(refused(RunErrorReason::Refused(
                "its ID is empty: name what it works on, `order-42`".to_owned(),
            )));
        }
        let runtime = needs_tokio().map_err(refused)?;
        let mut runs = self.named();
        if let Some(known) = runs.get(&id) {
            known.check_same(name, &input).map_err(refused)?;
            if !known.is_interrupted() {
                return Ok(known.clone());
            }
        }
        let (ended, end) = watch::channel(None);
        let state = Arc::new(RunState {
            id: id.clone(),
            workflow: name,
            input: input.clone(),
            keep_values: self.keep_values,
            steps: Mutex::new(Vec::new()),
            end,
        });
        if named {
            runs.insert(id.clone(), state.clone());
        }
        drop(runs);
        let (client, log) = (self.clone(), state.clone());
        runtime.spawn(async move {
            let run = RunInfo { id: id.clone(), workflow: name, attempt: 1 };
            let result = caught(client.run_task(workflow, input, run, log)).await;
            ended.send_replace(Some(result.map_err(|reason| RunError::new(name, id, reason))));
        });
        Ok(state)
    }

    async fn run_task(
        &self,
        workflow: AnyWorkflow,
        input: Json,
        run: RunInfo,
        log: Arc<RunState>,
    ) -> Result<Json, RunErrorReason> {
        let policy = workflow.options().run_policy();
        let memoized = self.driver.keeps_memos() || policy.retries > 0;
        let mut session = self.session(workflow, &run, input).await?;
        if !memoized {
            session.forget_values();
        }
        let runner = Runner { driver: self.driver.clone(), log: Some(log), run, policy };
        match runner.run(session).await? {
            Value::Encoded(json) => Ok(json),
            Value::Live(_) => Err(RunErrorReason::Refused("its result was not encoded".to_owned())),
        }
    }
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

fn needs_tokio() -> Result<tokio::runtime::Handle, RunErrorReason> {
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
            let state = client.begin(AnyWorkflow::new(workflow), input, id)?;
            Ok(RunHandle { state, workflow: PhantomData })
        })
    }
}

/// A run that was started.
pub struct RunHandle<W> {
    state: Arc<RunState>,
    workflow: PhantomData<fn() -> W>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunStatus {
    /// It is not over: it executes a step, or waits.
    Running,
    /// It returned a value.
    Completed,
    /// It ended with an error.
    Failed,
    /// The driver failed, or the runtime was shut down: started again under its ID it is taken up where it stood.
    Interrupted,
}

impl<W: Workflow> RunHandle<W> {
    /// The run's ID.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.state.id
    }

    /// Waits for the run's end. May be called any number of times.
    ///
    /// # Errors
    ///
    /// [`RunErrorReason`] lists what keeps a run from its result.
    pub async fn result(&self) -> Result<W::Output, RunError> {
        let mut end = self.state.end.clone();
        let refused = |reason| RunError::new(W::NAME, self.state.id.clone(), reason);
        let lost = |_| {
            let text = "the runtime that it ran on was shut down: start it again under the same ID to take it up";
            refused(RunErrorReason::Refused(text.to_owned()))
        };
        let end = end.wait_for(Option::is_some).await.map_err(lost)?.clone();
        match end {
            Some(Ok(json)) => json.decode().map_err(|problem: JsonError| refused(RunErrorReason::Value(problem))),
            Some(Err(error)) => Err(error),
            None => Err(refused(RunErrorReason::Refused("it has no end yet".to_owned()))),
        }
    }

    /// Where the run stands now.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        match &*self.state.end.borrow() {
            None if self.state.is_lost() => RunStatus::Interrupted,
            None => RunStatus::Running,
            Some(Err(error)) if error.is_interruption() => RunStatus::Interrupted,
            Some(Ok(_)) => RunStatus::Completed,
            Some(Err(_)) => RunStatus::Failed,
        }
    }

    /// The attempts of steps that were executed, and the timers that are over, in the order in which they ended.
    #[must_use]
    pub fn steps(&self) -> Vec<StepRecord> {
        self.state.steps().clone()
    }
}

impl<W> Clone for RunHandle<W> {
    fn clone(&self) -> Self {
        RunHandle { state: self.state.clone(), workflow: PhantomData }
    }
}

impl<W> fmt::Debug for RunHandle<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle")
            .field("workflow", &self.state.workflow)
            .field("id", &self.state.id)
            .finish_non_exhaustive()
    }
}

/// What this process knows of a run that was started.
struct RunState {
    id: RunId,
    workflow: &'static str,
    input: Json,
    keep_values: bool,
    steps: Mutex<Vec<StepRecord>>,
    end: watch::Receiver<Option<Result<Json, RunError>>>,
}

impl RunState {
    fn steps(&self) -> MutexGuard<'_, Vec<StepRecord>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has no end, and starting it again takes it up.
    fn is_interrupted(&self) -> bool {
        self.is_lost() || matches!(&*self.end.borrow(), Some(Err(error)) if error.is_interruption())
    }

    /// Whether its task is gone without an end.
    fn is_lost(&self) -> bool {
        self.end.borrow().is_none() && self.end.has_changed().is_err()
    }

    fn check_same(&self, workflow: &'static str, input: &Json) -> Result<(), RunErrorReason> {
        if self.workflow != workflow {
            return Err(RunErrorReason::Refused(format!(
                "a run of this ID exists, of workflow `{}`: choose another ID",
                self.workflow
            )));
        }
        if !self.input.is_same_value(input) {
            return Err(RunErrorReason::Refused(
                "a run of this ID exists, with another input: choose another ID, or start it with the same input"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

impl Log for RunState {
    fn executed(&self, step: &StepRecord) {
        let mut record = step.clone();
        if !self.keep_values
            && let StepOutcome::Succeeded { output } = &mut record.outcome
        {
            *output = None;
        }
        self.steps().push(record);
    }
}
