//! A run that was started, for whoever wants to know what becomes of it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::signal;
use crate::error::{RunError, RunErrorReason};
use crate::export::RunExport;
use crate::host::Host;
use crate::kernel::{Mail, RunId};
use crate::local::RunState;
use crate::record::StepRecord;
use crate::workflow::Workflow;

/// A run that was started. Dropping the handle changes nothing for the run.
pub struct RunHandle<W> {
    state: Arc<RunState>,
    host: Arc<dyn Host>,
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
    /// It was cancelled, or took longer than it may.
    Cancelled,
    /// The driver failed, or the runtime was shut down: started again under its ID it is taken up where it stood.
    Interrupted,
}

impl<W: Workflow> RunHandle<W> {
    pub(crate) fn new(state: Arc<RunState>, host: Arc<dyn Host>) -> RunHandle<W> {
        RunHandle { state, host, workflow: PhantomData }
    }

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
        match self.state.wait().await {
            Some(end) => end?.decode().map_err(|problem| self.refused(RunErrorReason::Value(problem))),
            None => Err(self.refused(RunErrorReason::Refused(
                "the runtime that it ran on was shut down: start it again under the same ID to take it up".to_owned(),
            ))),
        }
    }

    /// Where the run stands now.
    ///
    /// # Errors
    ///
    /// None in this process; other drivers may fail to read it.
    pub async fn status(&self) -> Result<RunStatus, RunError> {
        Ok(match self.state.end() {
            None if self.state.is_lost() => RunStatus::Interrupted,
            None => RunStatus::Running,
            Some(Err(error)) if error.is_interruption() => RunStatus::Interrupted,
            Some(Err(error)) if matches!(error.reason(), RunErrorReason::Cancelled(_)) => RunStatus::Cancelled,
            Some(Ok(_)) => RunStatus::Completed,
            Some(Err(_)) => RunStatus::Failed,
        })
    }

    /// The attempts of steps that were executed, and the other operations that are over, in the order in which they ended.
    ///
    /// # Errors
    ///
    /// None in this process; other drivers may fail to read them.
    pub async fn steps(&self) -> Result<Vec<StepRecord>, RunError> {
        Ok(self.state.steps())
    }

    /// What the workflow has last said by [`set_details`](crate::set_details); `None` if it has said nothing.
    ///
    /// # Errors
    ///
    /// When it is no `T`.
    pub async fn details<T: DeserializeOwned>(&self) -> Result<Option<T>, RunError> {
        let details = self.state.details().map(|details| details.decode()).transpose();
        details.map_err(|problem| self.refused(RunErrorReason::Value(problem)))
    }

    /// Sends a signal to the run, which keeps it until it [waits](crate::wait_for_signal) for it.
    ///
    /// # Errors
    ///
    /// When the run is over, or when the value has no form in JSON.
    pub async fn signal<T: Serialize + ?Sized>(&self, name: impl Into<String>, value: &T) -> Result<(), RunError> {
        let mail = signal(name.into(), value).map_err(|reason| self.refused(reason))?;
        self.state.send(mail).map_err(|reason| self.refused(reason))
    }

    /// Cancels the run: its operations stop, what it did is undone, and it ends with [`RunErrorReason::Cancelled`].
    ///
    /// It returns when the wish is delivered; [`result`](RunHandle::result) waits for the end. A run that is being cancelled already, or
    /// that returns before the wish reaches it, is not changed by it.
    ///
    /// # Errors
    ///
    /// When the run is over.
    pub async fn cancel(&self, reason: impl Into<String>) -> Result<(), RunError> {
        self.state.send(Mail::Cancel { reason: reason.into() }).map_err(|reason| self.refused(reason))
    }

    /// The run as a document, for people and for tests of tomorrow's code: its input, what it has recorded, what it waits for, its mail.
    ///
    /// It needs a client that [keeps values](crate::WorkflowClient::keep_values), whatever the driver: a run that is executed continuously
    /// encodes them for nothing else.
    ///
    /// # Errors
    ///
    /// When the values of its steps were not kept.
    pub async fn export(&self) -> Result<RunExport, RunError> {
        self.state.export(self.host.now()).ok_or_else(|| {
            self.refused(RunErrorReason::Refused(
                "it can't be exported, since the values of its steps were not kept: start it with a client that keeps them, \
                 `WorkflowClient::new(driver).keep_values(true)`"
                    .to_owned(),
            ))
        })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn state(&self) -> &RunState {
        &self.state
    }

    fn refused(&self, reason: RunErrorReason) -> RunError {
        RunError::new(W::NAME, self.state.id.clone(), reason)
    }
}

/// The ID of the run.
impl<W> From<&RunHandle<W>> for RunId {
    fn from(run: &RunHandle<W>) -> RunId {
        run.state.id.clone()
    }
}

impl<W> Clone for RunHandle<W> {
    fn clone(&self) -> Self {
        RunHandle { state: self.state.clone(), host: self.host.clone(), workflow: PhantomData }
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
