//! What a stored run's session asks: what is recorded when, and how long a wait keeps the workflow's future in memory.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

use super::core::Core;
use super::recorder::{Patience, Recorder};
use super::transaction::Transaction;
use crate::driver::{FlowControl, Hook};
use crate::error::DriverError;
use crate::kernel::{Action, Hooks, Idle, Operation, OperationKind, Provided, RunId, RunInfo, time_after};
use crate::record::{StepOutcome, StepRecord};
use crate::value::Json;

pub(super) struct StoredHooks {
    core: Arc<Core>,
    recorder: Recorder,
    /// Runs while nothing moves.
    patience: Option<Pin<Box<Sleep>>>,
}

impl StoredHooks {
    pub(super) fn new(core: Arc<Core>, recorder: Recorder) -> StoredHooks {
        StoredHooks { core, recorder, patience: None }
    }

    /// How long a wait may take that keeps the future in memory.
    fn limit(&self) -> Duration {
        self.core.options.suspend_after
    }

    fn flow(&self) -> FlowControl {
        if self.core.is_stopping() { FlowControl::Interrupt } else { FlowControl::Continue }
    }
}

impl Hooks for StoredHooks {
    fn found(&mut self, run: &RunInfo, found: &[Operation]) -> Hook {
        self.patience = None;
        let (mut sending, mut events) = (Vec::new(), Vec::new());
        let mut has_effect = false;
        for operation in found {
            let cause = format_args!("{}/{}", run.id, operation.id);
            match &operation.action {
                Action::SendEvent { name, payload } => {
                    events.push((cause.to_string(), name.clone(), payload.clone()));
                    sending.push(operation.clone());
                    continue;
                }
                Action::SendEvents { events: several } => {
                    let numbered = several.iter().enumerate();
                    events.extend(
                        numbered.map(|(number, (name, payload))| {
                            (format!("{cause}/{number}"), name.clone(), payload.clone())
                        }),
                    );
                    sending.push(operation.clone());
                    continue;
                }
                Action::Run { .. } | Action::SendSignal { .. } => has_effect = true,
                Action::Invoke { workflow, .. } => {
                    has_effect = true;
                    self.core.learn(workflow);
                }
                _ => {}
            }
            self.recorder.found(operation);
        }
        let flow = self.flow();
        if !has_effect && sending.is_empty() {
            return flow.into();
        }
        // What an effect is based on is durable before it begins.
        let mut flushed = self.recorder.flushed();
        let (core, recorder, run) = (self.core.clone(), self.recorder.clone(), run.id.clone());
        if sending.is_empty() {
            return match flushed.take_now() {
                Some(answer) if !core.is_lease_over() => Hook::now(answer.map(|()| flow)),
                answer => Hook::later(async move {
                    match answer {
                        Some(answer) => answer?,
                        None => flushed.await?,
                    }
                    still_owns(&core, &run).await.map(|()| flow)
                }),
            };
        }
        Hook::later(async move {
            flushed.await?;
            still_owns(&core, &run).await?;
            for (cause, name, payload) in events {
                start_triggered(&core, &run, &cause, &name, &payload).await?;
            }
            // Recorded when what they start is there.
            sending.iter().for_each(|operation| recorder.found(operation));
            recorder.flushed().await.map(|()| flow)
        })
    }

    fn lets(&self, _: &Operation) -> bool {
        true
    }

    fn waits(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn begins(&mut self, _: &RunInfo, _: &crate::kernel::Attempt<'_>) -> Option<crate::kernel::MemoResult> {
        None
    }

    fn provides(&mut self, _: &RunInfo, step: StepRecord) -> Option<Provided> {
        Some(Box::new(Transaction::new(&self.core, &self.recorder, step)?))
    }

    fn executed(&mut self, _: &RunInfo, step: &StepRecord) -> Hook {
        self.patience = None;
        self.recorder.ended(step);
        let flow = self.flow();
        if matches!(step.outcome, StepOutcome::Retrying { .. }) {
            // Nobody asks again before the next attempt begins.
            let flushed = self.recorder.flushed();
            return Hook::later(async move { flushed.await.map(|()| flow) });
        }
        match step.kind {
            OperationKind::Value => FlowControl::Continue.into(),
            _ => flow.into(),
        }
    }

    fn given_up(&mut self, _: &RunInfo, operations: &[Operation]) {
        operations.iter().for_each(|operation| self.recorder.given_up(operation));
    }

    fn details(&mut self, _: &RunInfo, details: &Json) {
        self.recorder.details(details);
    }

    fn idle(&mut self, idle: &Idle, cx: &mut Context<'_>) -> Poll<Result<(), DriverError>> {
        if !idle.is_running {
            let is_soon = |time| time <= time_after(self.core.host.now(), self.limit());
            let has_reason = idle.next_timer.is_some_and(is_soon) || idle.expects_mail && !self.limit().is_zero();
            // What is still to be recorded is recorded together with what the run waits for.
            if !has_reason || self.core.is_stopping() {
                return Poll::Ready(Ok(()));
            }
        }
        match self.recorder.poll_flush(cx) {
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            // Another hook's answer may have waited for it.
            Poll::Ready(Ok(true)) => cx.waker().wake_by_ref(),
            _ => {}
        }
        if idle.is_running {
            return Poll::Pending;
        }
        let limit = self.limit();
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if patience.as_mut().poll(cx).is_ready() || self.core.is_pressed() {
            self.patience = None;
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    fn ran(&mut self) -> Option<StepRecord> {
        None
    }
}

/// Starts what an event of a run triggers, however long the store cannot be written to.
async fn start_triggered(
    core: &Arc<Core>,
    run: &RunId,
    cause: &str,
    event: &str,
    payload: &Json,
) -> Result<(), DriverError> {
    let mut patience = Patience::default();
    loop {
        match core.start_triggered(event, payload, cause).await {
            Err(error) if error.is_temporary() => patience.wait(run, &error).await,
            started => return started.map(drop).map_err(DriverError::of_store),
        }
    }
}

/// A process that was silent for too long, and goes on now, begins no effect before it knows that nobody has taken over.
async fn still_owns(core: &Core, run: &RunId) -> Result<(), DriverError> {
    let mut patience = Patience::default();
    while core.is_lease_over() {
        match core.renew_lease().await {
            Err(error) if error.is_temporary() => patience.wait(run, &error).await,
            renewed => return renewed.map_err(DriverError::of_store),
        }
    }
    Ok(())
}
