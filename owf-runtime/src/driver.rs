//! The contract between the kernel and whoever decides where a run's state lives.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::error::{DriverError, WorkflowError};
use crate::host::{BoxFuture, Host};
#[cfg(feature = "testing")]
use crate::kernel::{Attempt, MemoResult};
use crate::kernel::{Memos, Operation, RunInfo};
use crate::local::LocalRuns;
use crate::record::StepRecord;
use crate::value::Json;

/// Whether the invocation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowControl {
    /// Go on.
    Continue,
    /// End this invocation. The run is not over: it is taken up again by re-entry, from its memos.
    Interrupt,
}

/// Decides where a run's state lives, and how far an invocation goes.
///
/// An invocation is one pass through the workflow's code. The kernel calls the hooks of one run one after the other
/// in the order below; hooks of different runs may be called at the same time. A hook that needs to wait (for a disk, for a
/// server) returns [`Hook::later`], with what it needs moved into the future; steps that are running go on meanwhile.
///
/// What a hook returns as an error ends the invocation and is handed to whoever waits for the run; nothing recorded is lost.
///
/// The example `journal` in the repository is a driver that keeps runs in files, in 55 lines.
pub trait Driver: Send + Sync + 'static {
    /// Where this driver takes time and randomness from.
    ///
    /// # Behavior
    ///
    /// - All times in operations and records come from this host.
    fn host(&self) -> Arc<dyn Host>;

    /// Whether runs are re-entered, so that results have to be encoded.
    ///
    /// # Behavior
    ///
    /// - If `false`, no value is encoded on the way, records carry no output, and a run has one invocation.
    /// - If `true`, every record carries its output as JSON.
    fn keeps_memos(&self) -> bool;

    /// An execution of the run begins in this process: what has been recorded of it?
    ///
    /// # Behavior
    ///
    /// - Returns every memo that was recorded, the finished ones in the order in which they were recorded.
    /// - Returns no memos for a run that is not known.
    /// - `input` is what the run was started with; `None` if the driver keeps no memos. Where the run is recorded with
    ///   [another](Json::is_same_value) input, the answer is an error: its memos belong to that one.
    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos>;

    /// Operations without a result were found, in program order, and nothing else can move.
    ///
    /// # Behavior
    ///
    /// - `Continue`: they go on in this invocation. Step bodies run in place, parallel ones concurrently; timers and waits
    ///   for a retry are awaited on the driver's host.
    /// - `Interrupt`: they stay as they are; the invocation ends when the steps that are already running have ended.
    /// - A driver that wants timers to survive stores them here.
    /// - Signals, events and child runs are carried out in this process before the call; the driver need do nothing for them.
    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook;

    /// An attempt of a step ended, a timer is over, something arrived, or the run was cancelled.
    ///
    /// # Behavior
    ///
    /// - Called once for each attempt that ended, in the order in which they ended; that order is part of the record.
    /// - The workflow gets the result only after this hook is done: a driver that persists does it here.
    /// - `Continue`: the workflow goes on with the result; a failed step with retries left is tried again in place.
    /// - `Interrupt`: the invocation ends as soon as no step is running, and no other is begun. Until then results are handed on, so that
    ///   a race is decided and its loser stops.
    /// - A record of kind [`Value`](crate::OperationKind::Value) is no reason to interrupt.
    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook;

    /// The workflow returned a value; `output` is `None` if the driver keeps no memos.
    ///
    /// # Behavior
    ///
    /// - Called at most once in an invocation, after all other hooks.
    /// - `Continue`: the run is over. `Interrupt`: it is not, and is re-entered.
    fn on_workflow_completed(&self, run: &RunInfo, output: Option<&Json>) -> Hook;

    /// The workflow returned an error, panicked outside a step, or was [cancelled](WorkflowError::is_cancelled).
    ///
    /// # Behavior
    ///
    /// - Undos and cleanups have run before it, as steps of their own.
    /// - Called at most once in an invocation, after all other hooks; `retry` says whether the run's policy tries again.
    /// - `Continue`: the run is over, or is re-entered after the policy's wait if `retry` is set.
    /// - `Interrupt`: the run is re-entered at once.
    fn on_workflow_error(&self, run: &RunInfo, error: &WorkflowError, retry: bool) -> Hook;

    /// Which of the operations that were found goes on, where `on_steps_found` answers `Continue`.
    #[doc(hidden)]
    fn lets(&self, _: &Operation) -> bool {
        true
    }

    /// The runs that clients of this driver share; without, each client has its own.
    #[doc(hidden)]
    fn local_runs(&self) -> Option<LocalRuns> {
        None
    }

    /// Whether mocks may stand in place of steps that the driver has no database for.
    #[doc(hidden)]
    fn has_mocks(&self) -> bool {
        false
    }

    /// A step's body is about to begin: what stands in its place, if anything does.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    fn on_body_begins(&self, _: &RunInfo, _: &Attempt<'_>) -> Option<MemoResult> {
        None
    }
}

/// A driver that several clients share.
impl<D: Driver + ?Sized> Driver for Arc<D> {
    fn host(&self) -> Arc<dyn Host> {
        (**self).host()
    }

    fn keeps_memos(&self) -> bool {
        (**self).keeps_memos()
    }

    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos> {
        (**self).on_run_started(run, input)
    }

    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        (**self).on_steps_found(run, found)
    }

    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        (**self).on_step_executed(run, step)
    }

    fn on_workflow_completed(&self, run: &RunInfo, output: Option<&Json>) -> Hook {
        (**self).on_workflow_completed(run, output)
    }

    fn on_workflow_error(&self, run: &RunInfo, error: &WorkflowError, retry: bool) -> Hook {
        (**self).on_workflow_error(run, error, retry)
    }

    fn lets(&self, operation: &Operation) -> bool {
        (**self).lets(operation)
    }

    fn local_runs(&self) -> Option<LocalRuns> {
        (**self).local_runs()
    }

    fn has_mocks(&self) -> bool {
        (**self).has_mocks()
    }

    #[cfg(feature = "testing")]
    fn on_body_begins(&self, run: &RunInfo, attempt: &Attempt<'_>) -> Option<MemoResult> {
        (**self).on_body_begins(run, attempt)
    }
}

/// A hook's answer: there at once, or later.
///
/// [`FlowControl`] converts into it: `FlowControl::Continue.into()`.
#[must_use = "a hook's answer decides how the invocation goes on"]
pub struct Hook<T = FlowControl>(Answer<T>);

enum Answer<T> {
    Now(Option<Result<T, DriverError>>),
    Later(BoxFuture<'static, Result<T, DriverError>>),
}

impl<T> Hook<T> {
    /// An answer that is there at once; costs no allocation.
    pub fn now(answer: Result<T, DriverError>) -> Hook<T> {
        Hook(Answer::Now(Some(answer)))
    }

    /// An answer that is there when `answer` is ready.
    pub fn later(answer: impl Future<Output = Result<T, DriverError>> + Send + 'static) -> Hook<T> {
        Hook(Answer::Later(Box::pin(answer)))
    }

    /// The answer, if it is there without waiting.
    pub(crate) fn take_now(&mut self) -> Option<Result<T, DriverError>> {
        match &mut self.0 {
            Answer::Now(answer) => answer.take(),
            Answer::Later(_) => None,
        }
    }

    /// Moves an answer that came meanwhile to where [`take_now`](Hook::take_now) finds it.
    pub(crate) fn poll_to_now(&mut self, cx: &mut Context<'_>) {
        if let Answer::Later(answer) = &mut self.0
            && let Poll::Ready(answer) = answer.as_mut().poll(cx)
        {
            self.0 = Answer::Now(Some(answer));
        }
    }
}

impl From<FlowControl> for Hook {
    fn from(flow: FlowControl) -> Self {
        Hook::now(Ok(flow))
    }
}

impl<T: Unpin> Future for Hook<T> {
    type Output = Result<T, DriverError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Answer::Now(answer) => match answer.take() {
                Some(answer) => Poll::Ready(answer),
                None => Poll::Pending,
            },
            Answer::Later(answer) => answer.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Hook<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Answer::Now(_) => "Hook::now",
            Answer::Later(_) => "Hook::later",
        })
    }
}
