//! Takes a run to its end in this process: invocation after invocation, as the driver decides.

use std::sync::Arc;
use std::time::SystemTime;

use crate::driver::{Driver, FlowControl, Hook};
use crate::error::RunErrorReason;
use crate::kernel::{Hooks, Invocation, InvocationEnd, Operation, RetryPolicy, RunInfo, Session};
use crate::record::StepRecord;
use crate::value::Value;
use crate::workflow::Return;

/// Where executed steps are noted for whoever holds the run's handle.
pub(crate) trait Log: Send + Sync {
    fn executed(&self, step: &StepRecord);
}

pub(crate) struct Runner {
    pub(crate) driver: Arc<dyn Driver>,
    /// `None` if nobody can ask for the steps.
    pub(crate) log: Option<Arc<dyn Log>>,
    pub(crate) run: RunInfo,
    pub(crate) policy: RetryPolicy,
}

/// What follows an invocation.
enum Next {
    /// Another one, not before this time.
    Reenter(Option<SystemTime>),
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
            let hooks = DriverHooks { driver: self.driver.clone(), log: self.log.clone() };
            let invocation = session.invoke(hooks).await.map_err(RunErrorReason::Driver)?;
            let not_before = match self.follow(invocation).await? {
                Next::End(result) => return result,
                Next::Reenter(not_before) => not_before,
            };
            session.begin_attempt(self.run.attempt);
            match not_before {
                Some(time) => {
                    // Nothing of the workflow is held while it waits but its memos.
                    session.suspend();
                    self.driver.host().sleep_until(time).await;
                }
                None => tokio::task::yield_now().await,
            }
            session.reenter();
        }
    }

    async fn follow(&mut self, invocation: Invocation) -> Result<Next, RunErrorReason> {
        match invocation.end {
            InvocationEnd::Diverged(divergence) => Ok(Next::End(Err(RunErrorReason::Diverged(divergence)))),
            InvocationEnd::Blocked(_) if invocation.undelivered => Ok(Next::Reenter(None)),
            InvocationEnd::Blocked(operations) => self.wait_for(&operations, invocation.told > 0),
            InvocationEnd::Returned(Return::Unstorable(problem)) => Ok(Next::End(Err(RunErrorReason::Value(problem)))),
            InvocationEnd::Returned(Return::Value(value)) => {
                let output = match &value {
                    Value::Encoded(json) if self.driver.keeps_memos() => Some(json),
                    _ => None,
                };
                let hook = self.driver.on_workflow_completed(&self.run, output);
                match hook.await.map_err(RunErrorReason::Driver)? {
                    FlowControl::Continue => Ok(Next::End(Ok(value))),
                    FlowControl::Interrupt => Ok(Next::Reenter(None)),
                }
            }
            InvocationEnd::Returned(Return::Error(error)) => {
                let retry = !error.is_final() && self.run.attempt <= self.policy.retries;
                let hook = self.driver.on_workflow_error(&self.run, &error, retry);
                let flow = hook.await.map_err(RunErrorReason::Driver)?;
                if flow == FlowControl::Interrupt {
                    return Ok(Next::Reenter(None));
                }
                if !retry {
                    return Ok(Next::End(Err(RunErrorReason::Failed(error))));
                }
                let host = self.driver.host();
                let backoff = || self.policy.backoff.delay(self.run.attempt, host.random());
                let delay = error.failure().retry_after().unwrap_or_else(backoff);
                self.run.attempt += 1;
                Ok(Next::Reenter(host.now().checked_add(delay)))
            }
        }
    }

    /// The invocation ended before the workflow: when does the next one make sense?
    fn wait_for(&self, operations: &[Operation], moved: bool) -> Result<Next, RunErrorReason> {
        let now = self.driver.host().now();
        if let Some(operation) = operations.iter().find(|operation| operation.is_due(now)) {
            if moved {
                return Ok(Next::Reenter(None));
            }
            return Err(RunErrorReason::Refused(format!(
                "the driver interrupted the run at {} `{}` without letting it go on, and would do so for ever: \
                 answer `Continue` in `on_steps_found`",
                operation.kind(),
                operation.id
            )));
        }
        Ok(Next::Reenter(operations.iter().filter_map(Operation::not_before).min()))
    }
}

/// A driver's hooks, with a note of what was executed.
struct DriverHooks {
    driver: Arc<dyn Driver>,
    log: Option<Arc<dyn Log>>,
}

impl Hooks for DriverHooks {
    fn found(&mut self, run: &RunInfo, found: &[Operation]) -> Hook {
        self.driver.on_steps_found(run, found)
    }

    fn lets(&self, _: &Operation) -> bool {
        true
    }

    fn waits(&self) -> bool {
        true
    }

    fn executed(&mut self, run: &RunInfo, step: &StepRecord) -> Hook {
        if let Some(log) = &self.log {
            log.executed(step);
        }
        self.driver.on_step_executed(run, step)
    }

    fn ran(&mut self) -> Option<StepRecord> {
        None
    }
}
