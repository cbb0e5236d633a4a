//! The errors of a run and of its driver, as whoever started the run meets them.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::WorkflowError;
use crate::failure::Failure;
use crate::kernel::{Divergence, RunId};
use crate::value::JsonError;

/// Why a run has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunError {
    workflow: &'static str,
    run: RunId,
    reason: Box<RunErrorReason>,
}

/// What kept a run from its result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunErrorReason {
    /// The workflow returned an error, or panicked outside a step; its retries are used up.
    Failed(WorkflowError),
    /// It was cancelled, or took longer than `#[workflow(timeout = ..)]` allows; the error's message is the reason.
    Cancelled(WorkflowError),
    /// There is no run of this ID, or no more.
    Unknown,
    /// The run is over, so that nothing can be sent to it.
    Over,
    /// The recorded steps and today's code disagree, and the policy is to fail.
    Diverged(Divergence),
    /// The input, the output or a recorded value does not fit its Rust type.
    Value(JsonError),
    /// The driver could not load or record the run; what it had recorded is kept.
    Driver(DriverError),
    /// The driver could not do what was asked of it, and nothing has changed; the error says whether it makes sense to ask again.
    Unavailable(DriverError),
    /// The driver has set the run aside, and the text says why. Once the cause is mended, `client.retry(run)` lets it go on.
    Parked(String),
    /// The driver, its host, or a destructor of one of the workflow's values panicked.
    Panicked(Failure),
    /// The run was refused or lost, and the text says why and what to do.
    Refused(String),
}

impl RunError {
    pub(crate) fn new(workflow: &'static str, run: RunId, reason: RunErrorReason) -> RunError {
        RunError { workflow, run, reason: Box::new(reason) }
    }

    /// The workflow's name; empty for a run that is not known.
    #[must_use]
    pub fn workflow(&self) -> &str {
        self.workflow
    }

    /// The run's ID.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Why it has no result.
    #[must_use]
    pub fn reason(&self) -> &RunErrorReason {
        &self.reason
    }

    /// Whether the run has no end yet, and can be taken up again.
    pub(crate) fn is_interruption(&self) -> bool {
        matches!(&*self.reason, RunErrorReason::Driver(_) | RunErrorReason::Panicked(_))
    }

    /// The workflow's own error, where that is the reason.
    #[must_use]
    pub fn workflow_error(&self) -> Option<&WorkflowError> {
        match &*self.reason {
            RunErrorReason::Failed(error) | RunErrorReason::Cancelled(error) => Some(error),
            _ => None,
        }
    }

    /// The value of the workflow's own error, where it was an `E` and `E` is serde.
    #[must_use]
    pub fn downcast<E: DeserializeOwned + 'static>(&self) -> Option<E> {
        self.workflow_error()?.downcast()
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (run, whose) = (&self.run, Whose(self));
        match &*self.reason {
            RunErrorReason::Failed(error) => write!(f, "{whose} failed: {error}"),
            RunErrorReason::Cancelled(error) => write!(f, "{whose} was cancelled: {error}"),
            RunErrorReason::Unknown => {
                write!(f, "there is no run `{run}`: it was not started here, or it had no ID of its own and is over")
            }
            RunErrorReason::Over => write!(f, "run `{run}` is over: nothing can be sent to it any more"),
            RunErrorReason::Diverged(divergence) => write!(f, "{whose} {divergence}"),
            RunErrorReason::Value(error) => write!(f, "{whose}: {error}"),
            RunErrorReason::Driver(error) => {
                write!(f, "{whose} is interrupted, nothing recorded is lost: {error}")
            }
            RunErrorReason::Panicked(failure) => {
                write!(f, "{whose} is interrupted, its driver or a destructor {failure}")
            }
            RunErrorReason::Unavailable(error) => write!(f, "{whose}: {error}"),
            RunErrorReason::Parked(text) => {
                write!(f, "{whose} is set aside, nothing recorded is lost: {text}; `client.retry(run)` lets it go on")
            }
            RunErrorReason::Refused(text) if self.workflow.is_empty() && run.as_str().is_empty() => f.write_str(text),
            RunErrorReason::Refused(text) => write!(f, "{whose}: {text}"),
        }
    }
}

/// What an error is about, as far as it is known.
struct Whose<'a>(&'a RunError);

impl fmt::Display for Whose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunError { workflow, run, .. } = self.0;
        match (workflow.is_empty(), run.as_str().is_empty()) {
            (false, false) => write!(f, "workflow `{workflow}` (run `{run}`)"),
            (false, true) => write!(f, "workflow `{workflow}`"),
            (true, _) => write!(f, "run `{run}`"),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.reason {
            RunErrorReason::Value(error) => Some(error),
            RunErrorReason::Driver(error) | RunErrorReason::Unavailable(error) => Some(error),
            _ => None,
        }
    }
}

/// A driver could not load or record something.
///
/// It ends the invocation, never the run: what was recorded before stays, and the run can be taken up again.
#[derive(Clone)]
pub struct DriverError {
    attempted: String,
    source: Arc<dyn Error + Send + Sync>,
}

impl DriverError {
    /// Says what was attempted (`"append step `charge` to the journal"`) and why it failed.
    pub fn new(attempted: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> DriverError {
        DriverError { attempted: attempted.into(), source: Arc::from(source.into()) }
    }

    /// What went wrong in a store, which says itself what was attempted.
    #[cfg(feature = "sqlite")]
    pub(crate) fn of_store(error: crate::store::StoreError) -> DriverError {
        DriverError { attempted: String::new(), source: Arc::new(error) }
    }

    /// Why a store has failed, if it was one.
    #[cfg(feature = "sqlite")]
    pub(crate) fn store_kind(&self) -> Option<crate::store::StoreErrorKind> {
        self.source.downcast_ref::<crate::store::StoreError>().map(crate::store::StoreError::kind)
    }

    /// What a driver answers to [`on_run_started`](crate::Driver::on_run_started) when it has the run with another input.
    #[must_use]
    pub fn other_input() -> DriverError {
        DriverError::new(
            "take up the run",
            "it is recorded with another input; choose another ID, or start it with that one",
        )
    }
}

impl PartialEq for DriverError {
    fn eq(&self, other: &Self) -> bool {
        self.attempted == other.attempted && Arc::ptr_eq(&self.source, &other.source)
    }
}

impl Eq for DriverError {}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempted.as_str() {
            "" => write!(f, "{}", self.source),
            attempted => write!(f, "the driver could not {attempted}: {}", self.source),
        }
    }
}

impl Error for DriverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
