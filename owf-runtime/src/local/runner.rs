//! Takes a run to its end in this process: invocation after invocation, as the driver decides.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use super::RunState;
use super::client::LocalClient;
use crate::driver::{FlowControl, Hook};
use crate::error::{DriverError, RunErrorReason};
use crate::host::Host;
use crate::kernel::{
    Hooks, Idle, Invocation, InvocationEnd, Operation, OperationKind, Provided, RetryPolicy, RunInfo, Session,
    time_after,
};
use crate::record::StepRecord;
use crate::value::{Json, Value};
use crate::workflow::Return;

pub(crate) struct Runner {
    pub(crate) client: LocalClient,
    pub(crate) state: Arc<RunState>,
    /// Whether anybody can ask for the steps.
    pub(crate) keeps_steps: bool,
    pub(crate) run: RunInfo,
    pub(crate) policy: RetryPolicy,
}

/// What follows an invocation.
enum Next {
    /// Another one, at once.
    Reenter,
    /// Another one when one of these can go on, at this time, or when the run is to end before its time.
    Wait(Vec<Operation>, Option<SystemTime>),
    End(Result<Value, RunErrorReason>),
}

impl Runner {
    /// Runs invocations until the run is over.
    pub(crate) async fn run(mut self, mut session: Session) -> Result<Value, RunErrorReason> {
        loop {
            tracing::debug!(
                target: "owf",
                run = self.run.id.as_str(),
                workflow = self.run.workflow,
                attempt = self.run.attempt,
                "invocation begins"
            );
            let hooks =
                DriverHooks { client: self.client.clone(), state: self.state.clone(), keeps_steps: self.keeps_steps };
            let invocation = session.invoke(hooks).await.map_err(RunErrorReason::Driver)?;
            let next = self.follow(invocation).await?;
            session.begin_attempt(self.run.attempt);
            self.state.begin_attempt(self.run.attempt);
            match next {
                Next::End(result) => return result,
                Next::Reenter => tokio::task::yield_now().await,
                Next::Wait(operations, time) => {
                    // Nothing of the workflow is held while it waits but its memos.
                    session.suspend();
                    let times = operations.iter().filter_map(Operation::not_before);
                    let time = times.chain(time).chain(session.deadline()).min();
                    self.wait_for(&operations, time, session.is_ending()).await;
                }
            }
            session.reenter();
        }
    }

    fn host(&self) -> Arc<dyn Host> {
        self.client.driver().host()
    }

    /// Waits until the time has come, or mail for one of the operations.
    async fn wait_for(&self, operations: &[Operation], time: Option<SystemTime>, is_ending: bool) {
        let mut mail = pin!(self.state.inbox.concerning(operations, is_ending));
        // Mail that is there already is no reason to wait, not even on a clock that jumps.
        let arrived = poll_fn(|cx| Poll::Ready(mail.as_mut().poll(cx).is_ready())).await;
        let mut timer = time.filter(|_| !arrived).map(|time| self.host().sleep_until(time));
        if !arrived {
            poll_fn(|cx| {
                let is_over = mail.as_mut().poll(cx).is_ready()
                    || timer.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready());
                if is_over { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }

    async fn follow(&mut self, invocation: Invocation) -> Result<Next, RunErrorReason> {
        match invocation.end {
            InvocationEnd::Diverged(divergence) => Ok(Next::End(Err(RunErrorReason::Diverged(divergence)))),
            InvocationEnd::Blocked(_) if invocation.is_cut_short => Ok(Next::Reenter),
            InvocationEnd::Blocked(operations) => self.follow_blocked(operations, invocation.told > 0),
            InvocationEnd::Returned(Return::Unstorable(problem)) => Ok(Next::End(Err(RunErrorReason::Value(problem)))),
            InvocationEnd::Returned(Return::Value(value)) => {
                let output = match &value {
                    Value::Encoded(json) if self.client.driver().keeps_memos() => Some(json),
                    _ => None,
                };
                let hook = self.client.driver().on_workflow_completed(&self.run, output);
                match hook.await.map_err(RunErrorReason::Driver)? {
                    FlowControl::Continue => Ok(Next::End(Ok(value))),
                    FlowControl::Interrupt => Ok(Next::Reenter),
                }
            }
            InvocationEnd::Returned(Return::Error(error)) => {
                let retry = !error.is_final() && self.run.attempt <= self.policy.retries;
                let hook = self.client.driver().on_workflow_error(&self.run, &error, retry);
                let flow = hook.await.map_err(RunErrorReason::Driver)?;
                if flow == FlowControl::Interrupt {
                    return Ok(Next::Reenter);
                }
                if !retry {
                    let cancelled = error.is_cancelled();
                    let reason = if cancelled { RunErrorReason::Cancelled } else { RunErrorReason::Failed };
                    return Ok(Next::End(Err(reason(error))));
                }
                let host = self.host();
                let backoff = || self.policy.backoff.delay(self.run.attempt, host.random());
                let delay = error.failure().retry_after().unwrap_or_else(backoff);
                self.run.attempt += 1;
                Ok(Next::Wait(Vec::new(), Some(time_after(host.now(), delay))))
            }
        }
    }

    /// The invocation ended before the workflow: when does the next one make sense?
    fn follow_blocked(&self, operations: Vec<Operation>, moved: bool) -> Result<Next, RunErrorReason> {
        let now = self.host().now();
        let Some(operation) = operations.iter().find(|operation| operation.is_due(now)) else {
            return Ok(Next::Wait(operations, None));
        };
        if moved {
            return Ok(Next::Reenter);
        }
        Err(RunErrorReason::Refused(format!(
            "the driver interrupted the run at {} `{}` without letting it go on, and would do so for ever: \
             answer `Continue` in `on_steps_found`",
            operation.kind(),
            operation.id
        )))
    }
}

/// A driver's hooks, and what follows from them in this process: sends, children, waits for events.
struct DriverHooks {
    client: LocalClient,
    state: Arc<RunState>,
    keeps_steps: bool,
}

impl Hooks for DriverHooks {
    fn found(&mut self, run: &RunInfo, found: &[Operation]) -> Hook {
        self.state.found(found);
        for operation in found {
            self.client.carry_out(&self.state, operation);
        }
        self.client.driver().on_steps_found(run, found)
    }

    fn lets(&self, operation: &Operation) -> bool {
        self.client.driver().lets(operation)
    }

    fn waits(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn begins(&mut self, run: &RunInfo, attempt: &crate::kernel::Attempt<'_>) -> Option<crate::kernel::MemoResult> {
        self.client.driver().on_body_begins(run, attempt)
    }

    fn provides(&mut self, _: &RunInfo, _: StepRecord) -> Option<Provided> {
        None
    }

    fn executed(&mut self, run: &RunInfo, step: &StepRecord) -> Hook {
        if self.keeps_steps {
            self.state.executed(step);
        }
        if step.kind == OperationKind::WaitForEvent {
            self.client.runs().unsubscribe(&self.state, &step.id);
        }
        let hook = self.client.driver().on_step_executed(run, step);
        if step.kind != OperationKind::Cancel {
            return hook;
        }
        let (client, state) = (self.client.clone(), self.state.clone());
        // Not before it is recorded: what the children answer must not come first.
        Hook::later(async move {
            let flow = hook.await?;
            client.runs().cancel_children(&state);
            Ok(flow)
        })
    }

    fn given_up(&mut self, _: &RunInfo, operations: &[Operation]) {
        for operation in operations {
            self.client.give_up(&self.state, operation);
        }
    }

    fn details(&mut self, _: &RunInfo, details: &Json) {
        self.state.set_details(details);
    }

    fn idle(&mut self, _: &Idle, _: &mut Context<'_>) -> Poll<Result<(), DriverError>> {
        Poll::Pending
    }

    fn ran(&mut self) -> Option<StepRecord> {
        None
    }
}
