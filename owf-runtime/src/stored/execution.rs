//! One claimed run, from where it stands to where it ends, waits, or is taken away.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::convert;
use super::core::Core;
use super::hooks::StoredHooks;
use super::live::Live;
use super::recorder::Recorder;
use crate::error::DriverError;
use crate::failure::Failure;
use crate::kernel::{Invocation, InvocationEnd, Operation, RunInfo, Session, SessionOptions, time_after};
use crate::store::{ClaimedRun, End, StoreErrorKind, Then};
use crate::value::Value;
use crate::workflow::{AnyWorkflow, Return};

/// Executes a claimed run in a task of its own.
pub(super) fn spawn(core: &Arc<Core>, claimed: ClaimedRun, workflow: AnyWorkflow, runtime: &tokio::runtime::Handle) {
    let live = Arc::new(Live::new(claimed.lease.clone()));
    core.enter(&live);
    let guard = Guard { core: core.clone(), live: live.clone(), is_left: false };
    let task = runtime.spawn(execute(guard, claimed, workflow));
    live.is_executed_by(task.abort_handle());
}

/// A run that is executed here. Dropped before the run was left, it sees to it that somebody goes on.
struct Guard {
    core: Arc<Core>,
    live: Arc<Live>,
    is_left: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.core.leave(&self.live, !self.is_left);
    }
}

/// What follows an invocation.
enum Next {
    Reenter,
    Leave(Then, Option<u32>),
}

async fn execute(mut guard: Guard, mut claimed: ClaimedRun, workflow: AnyWorkflow) {
    let (core, live) = (guard.core.clone(), guard.live.clone());
    live.deliver(std::mem::take(&mut claimed.mail));
    let mut execution = match Execution::begin(&core, &live, claimed, workflow) {
        Ok(execution) => execution,
        Err((recorder, reason)) => {
            guard.is_left = leave(&core, &live, &recorder, Then::Park { reason }, None).await;
            return;
        }
    };
    let recorder = execution.recorder.clone();
    let (then, attempt) = match caught(execution.run()).await {
        Ok(Some(left)) => left,
        // Another has taken over: what is recorded is theirs.
        Ok(None) => {
            guard.is_left = true;
            return;
        }
        Err(failure) => (Then::Park { reason: format!("its driver or a destructor {failure}") }, None),
    };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(execution))) {
        let failure = Failure::panic(&*panic);
        // Nothing that is recorded depends on it.
        tracing::error!(target: "owf", run = live.lease.run.as_str(), "a destructor of run `{}` {failure}", live.lease.run);
    }
    guard.is_left = leave(&core, &live, &recorder, then, attempt).await;
}

/// Records how the run is left; `true` if that is done, or nothing is left to do.
async fn leave(core: &Core, live: &Live, recorder: &Recorder, then: Then, attempt: Option<u32>) -> bool {
    let end = match &then {
        Then::Finish(end) => Some(end.clone()),
        _ => None,
    };
    if let Then::Park { reason } = &then {
        tracing::error!(target: "owf", run = live.lease.run.as_str(), "run `{}` is set aside: {reason}", live.lease.run);
    }
    let is_parked = matches!(then, Then::Park { .. });
    match recorder.leave(then, attempt).await {
        Ok(()) => {
            if let Some(end) = end {
                core.ends.tell(&live.lease.run, end);
            } else if is_parked {
                core.ends.tell_to_look(&live.lease.run);
            }
            true
        }
        Err(error) if error.kind() == StoreErrorKind::LeaseLost => {
            tracing::debug!(target: "owf", run = live.lease.run.as_str(), "{error}");
            // It may have been left by an attempt whose answer was lost, so that nobody has told of its end.
            core.ends.tell_to_look(&live.lease.run);
            true
        }
        Err(error) => {
            tracing::error!(target: "owf", run = live.lease.run.as_str(), "{error}");
            false
        }
    }
}

/// Runs user code that may panic where no step is around it: in destructors.
async fn caught<T>(run: impl Future<Output = T>) -> Result<T, Failure> {
    let mut run = pin!(run);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(payload) => Poll::Ready(Err(Failure::panic(&*payload))),
    })
    .await
}

/// A run that is executed.
struct Execution {
    core: Arc<Core>,
    recorder: Recorder,
    run: RunInfo,
    workflow: AnyWorkflow,
    live: Arc<Live>,
    session: Session,
}

impl Execution {
    /// Takes up a run from its record; if that is not possible, says why.
    fn begin(
        core: &Arc<Core>,
        live: &Arc<Live>,
        claimed: ClaimedRun,
        workflow: AnyWorkflow,
    ) -> Result<Execution, (Recorder, String)> {
        let recorder = |waiting| Recorder::new(core.store.clone(), core.host.clone(), live.clone(), waiting);
        let refused = |reason: String| (recorder(Default::default()), reason);
        let crashes = core.options.crashes_max;
        if claimed.claims > crashes {
            return Err(refused(format!(
                "its process has died {crashes} times in a row while it was executed, and nothing of it was recorded in \
                 between: it may be what takes the process down"
            )));
        }
        let memos = convert::memos(&claimed.memos).map_err(|error| refused(unreadable(&error)))?;
        let waiting = convert::waiting(&claimed);
        let mut run = RunInfo::new(claimed.lease.run, workflow.name(), claimed.started_at);
        run.attempt = claimed.attempt;
        let settings = core.settings();
        let mut options = SessionOptions::new(core.host.clone());
        options.on_divergence = settings.on_divergence;
        options.keep_values = settings.keep_values;
        let session = Session::new(workflow.clone(), run.clone(), claimed.input, memos, options)
            .map_err(|error| refused(format!("its input is not what the workflow takes: {error}")))?
            .with_inbox(live.inbox.clone());
        let recorder = recorder(waiting);
        Ok(Execution { core: core.clone(), recorder, run, workflow, live: live.clone(), session })
    }

    /// Runs invocations until the run is to be left; `None` if it is in other hands.
    async fn run(&mut self) -> Option<(Then, Option<u32>)> {
        loop {
            tracing::debug!(
                target: "owf",
                run = self.run.id.as_str(),
                workflow = self.run.workflow,
                attempt = self.run.attempt,
                "invocation begins"
            );
            let hooks = StoredHooks::new(self.core.clone(), self.recorder.clone());
            match self.session.invoke(hooks).await {
                Ok(invocation) => match self.follow(invocation) {
                    Next::Leave(then, attempt) => return Some((then, attempt)),
                    Next::Reenter => {
                        tokio::task::yield_now().await;
                        self.session.reenter();
                    }
                },
                Err(error) => return self.give_up(&error),
            }
        }
    }

    /// How a run is left of which something cannot be recorded, now or ever.
    fn give_up(&self, error: &DriverError) -> Option<(Then, Option<u32>)> {
        if matches!(error.store_kind(), Some(StoreErrorKind::LeaseLost | StoreErrorKind::Closed)) {
            tracing::debug!(target: "owf", run = self.run.id.as_str(), "{error}");
            return None;
        }
        // Executed again, its steps would have their effects again, and come to the same.
        Some((Then::Park { reason: error.to_string() }, None))
    }

    fn follow(&self, invocation: Invocation) -> Next {
        let is_stopping = self.core.is_stopping();
        match invocation.end {
            InvocationEnd::Diverged(divergence) => Next::Leave(Then::Park { reason: divergence.to_string() }, None),
            InvocationEnd::Blocked(_) if invocation.is_cut_short && !is_stopping => Next::Reenter,
            InvocationEnd::Blocked(_) if invocation.is_cut_short => {
                // Another process goes on with it.
                let until = Some(self.core.host.now());
                Next::Leave(Then::Suspend { until, seen: self.live.unseen().seq }, None)
            }
            InvocationEnd::Blocked(operations) => Next::Leave(self.suspend(&operations), None),
            InvocationEnd::Returned(Return::Value(Value::Encoded(json))) => {
                Next::Leave(Then::Finish(End::Completed(json)), None)
            }
            InvocationEnd::Returned(Return::Value(Value::Live(_))) => {
                Next::Leave(Then::Park { reason: "its result was not encoded".to_owned() }, None)
            }
            InvocationEnd::Returned(Return::Unstorable(problem)) => {
                let error = crate::error::WorkflowError::fatal(problem);
                Next::Leave(Then::Finish(convert::failed(&error)), None)
            }
            InvocationEnd::Returned(Return::Error(error)) => {
                let policy = self.workflow.options().run_policy();
                let attempt = self.run.attempt;
                if error.is_final() || attempt > policy.retries {
                    return Next::Leave(Then::Finish(convert::failed(&error)), None);
                }
                let host = &self.core.host;
                let backoff = || policy.backoff.delay(attempt, host.random());
                let delay = error.failure().retry_after().unwrap_or_else(backoff);
                let until = [Some(time_after(host.now(), delay)), self.session.deadline()].into_iter().flatten().min();
                Next::Leave(Then::Suspend { until, seen: self.live.unseen().seq }, Some(attempt + 1))
            }
        }
    }

    /// How a run is left in which everything waits.
    fn suspend(&self, operations: &[Operation]) -> Then {
        // Read before looking for mail: what comes in between makes the run due again.
        let seen = self.live.unseen().seq;
        let now = self.core.host.now();
        let goes_on = operations.iter().any(|operation| operation.is_due(now));
        let times = operations.iter().filter_map(Operation::not_before).chain(self.session.deadline());
        let until = if goes_on || self.has_mail_for(operations) { Some(now) } else { times.min() };
        Then::Suspend { until, seen }
    }

    /// Whether something has come that an operation waits for.
    fn has_mail_for(&self, operations: &[Operation]) -> bool {
        self.live.inbox.concerns(operations, self.session.is_ending())
    }
}

fn unreadable(error: &crate::value::JsonError) -> String {
    format!("its record cannot be read: {error}")
}
