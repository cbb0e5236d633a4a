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
#[cfg(feature = "sqlite")]
use crate::stored::StoredRun;
use crate::workflow::Workflow;

/// A run that was started. Dropping the handle changes nothing for the run.
pub struct RunHandle<W> {
    run: RunRef,
    workflow: PhantomData<fn() -> W>,
}

/// Where a run is.
#[derive(Clone)]
pub(crate) enum RunRef {
    /// In this process.
    Local { state: Arc<RunState>, host: Arc<dyn Host> },
    /// In a store.
    #[cfg(feature = "sqlite")]
    Stored(StoredRun),
}

impl RunRef {
    pub(crate) fn id(&self) -> &RunId {
        match self {
            RunRef::Local { state, .. } => &state.id,
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => run.id(),
        }
    }

    /// The name of the run's workflow.
    pub(crate) fn workflow(&self) -> &str {
        match self {
            RunRef::Local { state, .. } => state.workflow,
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => run.workflow(),
        }
    }

    async fn send(&self, mail: Mail) -> Result<(), RunErrorReason> {
        match self {
            RunRef::Local { state, .. } => state.send(mail),
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => run.send(mail).await,
        }
    }
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
    /// It was set aside, because it took its process down again and again, or because today's code does not fit its record. The reason
    /// is what [`RunHandle::result`] fails with.
    Parked,
}

impl<W: Workflow> RunHandle<W> {
    pub(crate) fn new(run: RunRef) -> RunHandle<W> {
        RunHandle { run, workflow: PhantomData }
    }

    /// The run's ID.
    #[must_use]
    pub fn id(&self) -> &RunId {
        self.run.id()
    }

    /// Waits for the run's end. May be called any number of times.
    ///
    /// # Errors
    ///
    /// [`RunErrorReason`] lists what keeps a run from its result.
    pub async fn result(&self) -> Result<W::Output, RunError> {
        let output = match &self.run {
            RunRef::Local { state, .. } => match state.wait().await {
                Some(end) => end?,
                None => {
                    return Err(self.refused(RunErrorReason::Refused(
                        "the runtime that it ran on was shut down: start it again under the same ID to take it up"
                            .to_owned(),
                    )));
                }
            },
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => run.wait().await.map_err(|reason| self.refused(reason))?,
        };
        output.decode().map_err(|problem| self.refused(RunErrorReason::Value(problem)))
    }

    /// Where the run stands now.
    ///
    /// # Errors
    ///
    /// None in this process; durable drivers may fail to read it.
    pub async fn status(&self) -> Result<RunStatus, RunError> {
        let state = match &self.run {
            RunRef::Local { state, .. } => state,
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => return run.status().await.map_err(|reason| self.refused(reason)),
        };
        Ok(match state.end() {
            None if state.is_lost() => RunStatus::Interrupted,
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
    /// None in this process; durable drivers may fail to read them.
    pub async fn steps(&self) -> Result<Vec<StepRecord>, RunError> {
        match &self.run {
            RunRef::Local { state, .. } => Ok(state.steps()),
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => run.steps().await.map_err(|reason| self.refused(reason)),
        }
    }

    /// What the workflow has last said by [`set_details`](crate::set_details); `None` if it has said nothing.
    ///
    /// # Errors
    ///
    /// When it is no `T`, or when a durable driver fails to read it.
    pub async fn details<T: DeserializeOwned>(&self) -> Result<Option<T>, RunError> {
        let details = match &self.run {
            RunRef::Local { state, .. } => state.details(),
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => run.details().await.map_err(|reason| self.refused(reason))?,
        };
        let details = details.map(|details| details.decode()).transpose();
        details.map_err(|problem| self.refused(RunErrorReason::Value(problem)))
    }

    /// Sends a signal to the run, which keeps it until it [waits](crate::wait_for_signal) for it.
    ///
    /// # Errors
    ///
    /// When the run is over, or when the value has no form in JSON.
    pub async fn signal<T: Serialize + ?Sized>(&self, name: impl Into<String>, value: &T) -> Result<(), RunError> {
        let mail = signal(name.into(), value).map_err(|reason| self.refused(reason))?;
        self.run.send(mail).await.map_err(|reason| self.refused(reason))
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
        self.run.send(Mail::Cancel { reason: reason.into() }).await.map_err(|reason| self.refused(reason))
    }

    /// The run as a document, for people and for tests of tomorrow's code: its input, what it has recorded, what it waits for, its mail.
    ///
    /// Under the in-memory drivers it needs a client that [keeps values](crate::WorkflowClient::keep_values): a run that is executed
    /// continuously encodes them for nothing else.
    ///
    /// # Errors
    ///
    /// When the values of its steps were not kept, or when a durable driver fails to read them.
    pub async fn export(&self) -> Result<RunExport, RunError> {
        let exported = match &self.run {
            RunRef::Local { state, host } => state.export(host.now()),
            #[cfg(feature = "sqlite")]
            RunRef::Stored(run) => Some(run.export().await.map_err(|reason| self.refused(reason))?),
        };
        exported.ok_or_else(|| {
            self.refused(RunErrorReason::Refused(
                "it can't be exported, since the values of its steps were not kept: start it with a client that keeps them, \
                 `WorkflowClient::new(driver).keep_values(true)`"
                    .to_owned(),
            ))
        })
    }

    /// The run's state in this process; the tools for tests know no other.
    #[cfg(feature = "testing")]
    pub(crate) fn local(&self) -> Option<&RunState> {
        match &self.run {
            RunRef::Local { state, .. } => Some(state),
            #[cfg(feature = "sqlite")]
            RunRef::Stored(_) => None,
        }
    }

    fn refused(&self, reason: RunErrorReason) -> RunError {
        RunError::new(W::NAME, self.run.id().clone(), reason)
    }
}

/// The ID of the run.
impl<W> From<&RunHandle<W>> for RunId {
    fn from(run: &RunHandle<W>) -> RunId {
        run.run.id().clone()
    }
}

impl<W> Clone for RunHandle<W> {
    fn clone(&self) -> Self {
        RunHandle { run: self.run.clone(), workflow: PhantomData }
    }
}

impl<W> fmt::Debug for RunHandle<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle")
            .field("workflow", &self.run.workflow())
            .field("id", &self.run.id())
            .finish_non_exhaustive()
    }
}
