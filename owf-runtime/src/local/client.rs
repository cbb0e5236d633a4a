//! Runs that are executed in this process, as a [`Driver`] decides.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::runner::Runner;
use super::{LocalRuns, RunState};
use crate::client::{NO_DATABASE, NO_ID, Settings, needs_tokio};
use crate::driver::Driver;
use crate::error::{RunError, RunErrorReason};
use crate::failure::Failure;
use crate::kernel::{
    Action, Inbox, Mail, MemoResult, Memos, Operation, RunId, RunInfo, Session, SessionOptions, time_after,
};
use crate::value::{Json, Value};
use crate::workflow::{AnyWorkflow, Trigger, Workflow, begin_live};

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

/// A driver, and the runs that it executes in this process. Clones share the runs.
#[derive(Clone)]
pub(crate) struct LocalClient {
    driver: Arc<dyn Driver>,
    pub(crate) settings: Settings,
    runs: LocalRuns,
}

impl LocalClient {
    pub(crate) fn new(driver: Arc<dyn Driver>) -> LocalClient {
        let runs = driver.local_runs().unwrap_or_default();
        LocalClient { driver, settings: Settings::default(), runs }
    }

    pub(crate) fn driver(&self) -> &Arc<dyn Driver> {
        &self.driver
    }

    pub(crate) fn runs(&self) -> &LocalRuns {
        &self.runs
    }

    /// Lets events start runs of a workflow; `false` if one of its name is registered already.
    pub(crate) fn register(&self, workflow: AnyWorkflow) -> Result<bool, RunErrorReason> {
        self.check_fits(workflow.has_transactions())?;
        Ok(self.runs.register(workflow))
    }

    /// Refuses a workflow that the driver cannot run.
    fn check_fits(&self, has_transactions: bool) -> Result<(), RunErrorReason> {
        if has_transactions && !self.driver.has_mocks() {
            return Err(RunErrorReason::Refused(NO_DATABASE.to_owned()));
        }
        Ok(())
    }

    /// Runs a workflow to its end, within the calling task: dropping the future stops the run.
    pub(crate) async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        let run = RunInfo::new(self.new_id(), W::NAME, self.driver.host().now());
        let id = run.id.clone();
        let failed = |reason| RunError::new(W::NAME, id, reason);
        match caught(self.run_to_end(workflow, input, run)).await {
            Ok(value) => value.into_typed().map_err(|problem| failed(RunErrorReason::Value(problem))),
            Err(reason) => Err(failed(reason)),
        }
    }

    /// Gives an event to all who wait for it, and starts what it triggers; returns the runs that it started.
    pub(crate) fn publish(&self, name: &str, payload: &Json) -> Result<Vec<RunId>, RunError> {
        let mut started = Vec::new();
        for workflow in self.runs.publish(name, payload) {
            let is_triggered =
                |trigger: &Trigger| matches!(trigger, Trigger::Event { name: wanted } if *wanted == name);
            if workflow.triggers().iter().any(is_triggered) {
                started.push(self.begin(workflow, payload.clone(), None, Origin::Trigger)?.id.clone());
            }
        }
        Ok(started)
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
            return Err(refused(RunErrorReason::Refused(NO_ID.to_owned())));
        }
        self.check_fits(workflow.has_transactions()).map_err(refused)?;
        let runtime = needs_tokio().map_err(refused)?;
        let make = |known: Option<&RunState>| {
            let started_at = known.map_or_else(|| self.driver.host().now(), |known| known.started_at);
            let run = RunInfo::new(id.clone(), name, started_at);
            // What was sent to it meanwhile is not lost, nor is what is sent by an old handle.
            let inbox = known.map_or_else(Inbox::new, |known| known.inbox.clone());
            Arc::new(RunState::new(&run, input.clone(), inbox, self.settings.keep_values, is_kept))
        };
        let (state, is_new) = self.runs.find_or_insert(&id, name, &input, make).map_err(refused)?;
        if is_new {
            let (client, executed) = (self.clone(), state.clone());
            let execution = Execution { runs: self.runs.clone(), state: state.clone() };
            runtime.spawn(async move {
                let end = client.run_task(workflow, input, &executed, origin).await;
                executed.finish(end.map_err(|reason| RunError::new(name, id, reason)));
                drop(execution);
            });
        }
        Ok(state)
    }

    async fn run_to_end<W: Workflow>(
        &self,
        workflow: W,
        input: W::Input,
        run: RunInfo,
    ) -> Result<Value, RunErrorReason> {
        needs_tokio()?;
        self.check_fits(W::HAS_TRANSACTIONS)?;
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
        Runner { client: self.clone(), state, keeps_steps: false, run, policy }.run(session).await
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
        let runner = Runner { client: self.clone(), state: state.clone(), keeps_steps: true, run, policy };
        match runner.run(session).await? {
            Value::Encoded(json) => Ok(json),
            Value::Live(_) => Err(RunErrorReason::Refused("its result was not encoded".to_owned())),
        }
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
        options.on_divergence = self.settings.on_divergence;
        options.keep_values = self.settings.keep_values;
        options
    }

    fn new_id(&self) -> RunId {
        let host = self.driver.host();
        RunId::from(format!("{:016x}{:016x}", host.random(), host.random()))
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
            Action::Invoke { workflow, run, input, detached, .. }
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

/// Turns a panic of the driver, the host or a destructor into a reason.
async fn caught<T>(run: impl Future<Output = Result<T, RunErrorReason>>) -> Result<T, RunErrorReason> {
    let mut run = pin!(run);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(cx))) {
        Ok(polled) => polled,
        Err(payload) => Poll::Ready(Err(RunErrorReason::Panicked(Failure::panic(&*payload)))),
    })
    .await
}
