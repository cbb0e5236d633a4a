//! What operators ask of a durable driver's runs: lists, retries, forks, deletions, and the end of a process.

use std::time::Duration;

use super::client::{StoredClient, unavailable};
use super::convert;
use crate::client::{Backend, WorkflowClient};
use crate::error::{RunError, RunErrorReason, WorkflowError};
use crate::handle::{RunHandle, RunRef};
use crate::kernel::{CANCEL_ID, RunId, StepId};
use crate::record::StepRecord;
use crate::store::{
    Deleted, End, Fork, Forked, MemoState, Page, Retried, Retry, RunFilter, RunRecord, Status, StoredMemo,
};
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Workflow};

/// What a durable driver can be asked. With another driver, each of these is an error that says so.
impl WorkflowClient {
    /// Starts many runs of a workflow at once, each with an ID: in few commits, where one [`start`](WorkflowClient::start) after the other
    /// takes one each.
    ///
    /// # Errors
    ///
    /// As [`start`](WorkflowClient::start); runs before the one that is refused are started.
    pub async fn start_many<W: Workflow, I: Into<RunId>>(
        &self,
        workflow: W,
        runs: impl IntoIterator<Item = (I, W::Input)>,
    ) -> Result<Vec<RunHandle<W>>, RunError> {
        let stored = self.stored()?;
        let encode = |(id, input): (I, W::Input)| {
            let id = id.into();
            match Json::encode_to_decode(&input) {
                Ok(input) => Ok((id, input)),
                Err(problem) => Err(RunError::new(W::NAME, id, RunErrorReason::Value(problem))),
            }
        };
        let runs = runs.into_iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        let handles = stored.begin_all(AnyWorkflow::new(workflow), runs).await?;
        Ok(handles.into_iter().map(|run| RunHandle::new(RunRef::Stored(run))).collect())
    }

    /// Lists runs, the youngest first: `limit` of them, after the page that ended with `after`.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn list(&self, filter: RunFilter, after: Option<u64>, limit: usize) -> Result<Page, RunError> {
        let listed = self.stored()?.core().store.list(filter, after, limit).await;
        listed.map_err(|error| RunError::new("", RunId::new(""), unavailable(error)))
    }

    /// What is known of a run, whatever its workflow: where it stands, its input, its end.
    ///
    /// # Errors
    ///
    /// When there is no such run, or when the store cannot be read.
    pub async fn inspect(&self, run: impl Into<RunId>) -> Result<RunRecord, RunError> {
        let run = run.into();
        self.stored()?.inspect(&run).await.map_err(|reason| RunError::new("", run, reason))
    }

    /// The steps of a run, whatever its workflow; as [`RunHandle::steps`].
    ///
    /// # Errors
    ///
    /// When there is no such run, or when the store cannot be read.
    pub async fn steps(&self, run: impl Into<RunId>) -> Result<Vec<StepRecord>, RunError> {
        let run = run.into();
        let refused = |reason| RunError::new("", run.clone(), reason);
        let found =
            self.stored()?.find(&run).await.map_err(refused)?.ok_or_else(|| refused(RunErrorReason::Unknown))?;
        found.steps().await.map_err(refused)
    }

    /// Lets a run go on that failed, was cancelled, or was set aside: from the step that failed, with all that is recorded before it.
    ///
    /// What was undone is done anew. It goes on in whichever process has registered its workflow.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is not over, or when it has completed.
    pub async fn retry(&self, run: impl Into<RunId>) -> Result<(), RunError> {
        let run = run.into();
        self.stored()?.retry(&run).await.map_err(|reason| RunError::new("", run, reason))
    }

    /// Makes a new run of one that is there, with what that has recorded up to a step, that step included; what comes after is executed anew.
    ///
    /// # Errors
    ///
    /// When there is no such run or step, or when a run has the new ID.
    pub async fn fork(
        &self,
        run: impl Into<RunId>,
        step: impl Into<StepId>,
        new: impl Into<RunId>,
    ) -> Result<(), RunError> {
        let run = run.into();
        let forked = self.stored()?.fork(&run, &step.into(), new.into()).await;
        forked.map_err(|reason| RunError::new("", run, reason))
    }

    /// Deletes a run with all that is recorded of it; its ID is free then.
    ///
    /// # Errors
    ///
    /// When there is no such run, when it is being executed, or when another run waits for its end.
    pub async fn delete(&self, run: impl Into<RunId>) -> Result<(), RunError> {
        let run = run.into();
        self.stored()?.delete(&run).await.map_err(|reason| RunError::new("", run, reason))
    }

    /// Ends the execution of runs in this process: steps that are running may end within the time, and their runs are handed back, so that
    /// another process goes on with them at once. The client can still be asked.
    ///
    /// # Errors
    ///
    /// When the driver is not a durable one.
    pub async fn shut_down(&self, within: Duration) -> Result<(), RunError> {
        self.stored()?.shut_down(within).await;
        Ok(())
    }

    fn stored(&self) -> Result<&StoredClient, RunError> {
        match &self.backend {
            Backend::Stored(stored) => Ok(stored),
            Backend::Local(_) => {
                let text = "this driver keeps no runs beyond the process: use a durable one, such as `SqliteDriver`";
                Err(RunError::new("", RunId::new(""), RunErrorReason::Refused(text.to_owned())))
            }
        }
    }
}

impl StoredClient {
    async fn inspect(&self, run: &RunId) -> Result<RunRecord, RunErrorReason> {
        let found = self.core().store.run(run.clone()).await.map_err(unavailable)?;
        found.ok_or(RunErrorReason::Unknown)
    }

    async fn retry(&self, run: &RunId) -> Result<(), RunErrorReason> {
        let core = self.core();
        let record = self.inspect(run).await?;
        let memos = core.store.steps(run.clone()).await.map_err(unavailable)?.ok_or(RunErrorReason::Unknown)?;
        let failed_step = match &record.end {
            Some(End::Failed(error)) => WorkflowError::from_json(error).ok().and_then(|error| error.step().cloned()),
            _ => None,
        };
        let forget = to_forget(&memos, failed_step.as_ref());
        let retry = Retry { run: run.clone(), token: record.token, forget, now: core.host.now() };
        match core.store.retry(retry).await.map_err(unavailable)? {
            Retried::Due => Ok(()),
            Retried::NoSuchRun => Err(RunErrorReason::Unknown),
            Retried::Changed if record.summary.status == Status::Completed => {
                Err(RunErrorReason::Refused("it has completed: fork it to execute a part of it anew".to_owned()))
            }
            Retried::Changed => Err(RunErrorReason::Refused("it is not over: it goes on already".to_owned())),
        }
    }

    async fn fork(&self, run: &RunId, step: &StepId, new: RunId) -> Result<(), RunErrorReason> {
        let core = self.core();
        let memos = core.store.steps(run.clone()).await.map_err(unavailable)?.ok_or(RunErrorReason::Unknown)?;
        let Some(last) = memos.iter().find(|memo| memo.id == *step && memo.state.is_over()) else {
            let text = format!("it has recorded no result of a step `{step}`");
            return Err(RunErrorReason::Refused(text));
        };
        let now = core.host.now();
        let fork = Fork { from: run.clone(), to: new.clone(), until: last.position, now };
        match core.store.fork(fork).await.map_err(unavailable)? {
            Forked::New => Ok(()),
            Forked::NoSuchRun => Err(RunErrorReason::Unknown),
            Forked::Taken => Err(RunErrorReason::Refused(format!("a run `{new}` exists: choose another ID"))),
        }
    }

    async fn delete(&self, run: &RunId) -> Result<(), RunErrorReason> {
        let deleted = self.core().store.delete(vec![run.clone()]).await.map_err(unavailable)?;
        match deleted.first() {
            Some(Deleted::Gone) => Ok(()),
            Some(Deleted::NoSuchRun) | None => Err(RunErrorReason::Unknown),
            Some(Deleted::Running) => Err(RunErrorReason::Refused(
                "it is being executed: cancel it, and delete it when it is over".to_owned(),
            )),
            Some(Deleted::Awaited) => {
                Err(RunErrorReason::Refused("another run waits for its end: cancel it first".to_owned()))
            }
        }
    }
}

/// What a retried run forgets: the step that failed it, the undos, what they undid, and that it was cancelled.
fn to_forget(memos: &[StoredMemo], failed_step: Option<&StepId>) -> Vec<StepId> {
    let undone = |memo: &StoredMemo| {
        let undo = format!("{}:undo", memo.id);
        memos.iter().any(|other| other.id == undo.as_str() && matches!(other.state, MemoState::Value(_)))
    };
    let is_forgotten = |memo: &&StoredMemo| {
        convert::Extra::of(memo).undo || memo.id == CANCEL_ID || Some(&memo.id) == failed_step || undone(memo)
    };
    memos.iter().filter(is_forgotten).map(|memo| memo.id.clone()).collect()
}
