//! A run in a store, as a handle sees it.

use tokio::sync::watch;

use super::client::{StoredClient, unavailable};
use super::convert;
use super::ends::Ended;
use crate::error::{RunErrorReason, WorkflowError};
use crate::export::{ExportedMemo, ExportedStatus, ExportedWait, RunExport};
use crate::handle::RunStatus;
use crate::kernel::{Letter, Mail, RunId};
use crate::record::StepRecord;
use crate::store::{End, MailSince, MemoState, RunRecord, Status, StoredMemo};
use crate::value::Json;

/// A run in a store.
#[derive(Clone)]
pub(crate) struct StoredRun {
    client: StoredClient,
    id: RunId,
    workflow: String,
    /// Told of the end, from before the run was begun.
    ends: Option<watch::Receiver<Ended>>,
    /// Whether it was begun by this handle, so that its end is told.
    is_new: bool,
}

impl StoredRun {
    pub(super) fn new(
        client: StoredClient,
        id: RunId,
        workflow: String,
        ends: Option<watch::Receiver<Ended>>,
        is_new: bool,
    ) -> StoredRun {
        StoredRun { client, id, workflow, ends, is_new }
    }

    pub(crate) fn id(&self) -> &RunId {
        &self.id
    }

    pub(crate) fn workflow(&self) -> &str {
        &self.workflow
    }

    pub(crate) async fn send(&self, mail: Mail) -> Result<(), RunErrorReason> {
        self.client.send(&self.id, mail).await
    }

    async fn record(&self) -> Result<RunRecord, RunErrorReason> {
        let found = self.client.core().store.run(self.id.clone()).await.map_err(unavailable)?;
        found.ok_or(RunErrorReason::Unknown)
    }

    /// Waits for the end.
    pub(crate) async fn wait(&self) -> Result<Json, RunErrorReason> {
        self.client.run()?;
        let mut ends = match &self.ends {
            Some(ends) => ends.clone(),
            None => self.client.core().ends.watch(&self.id),
        };
        let mut is_known = self.is_new && !ends.has_changed().unwrap_or(true);
        loop {
            let ended = ends.borrow_and_update().end.clone();
            if let Some(end) = ended {
                return result(end);
            }
            if !std::mem::take(&mut is_known) {
                let record = self.record().await?;
                if let Some(end) = record.end {
                    return result(end);
                }
                if let Some(reason) = record.parked {
                    return Err(RunErrorReason::Parked(reason));
                }
            }
            if ends.changed().await.is_err() {
                // It ended, and was begun again since.
                ends = self.client.core().ends.watch(&self.id);
            }
        }
    }

    pub(crate) async fn status(&self) -> Result<RunStatus, RunErrorReason> {
        Ok(match self.record().await?.summary.status {
            Status::Completed => RunStatus::Completed,
            Status::Failed => RunStatus::Failed,
            Status::Cancelled => RunStatus::Cancelled,
            Status::Parked => RunStatus::Parked,
            Status::Pending | Status::Running | Status::Suspended => RunStatus::Running,
        })
    }

    pub(crate) async fn steps(&self) -> Result<Vec<StepRecord>, RunErrorReason> {
        let core = self.client.core();
        let memos = core.store.history(self.id.clone()).await.map_err(unavailable)?.ok_or(RunErrorReason::Unknown)?;
        let show_values = core.settings().keep_values;
        Ok(memos.iter().filter_map(|memo| convert::record(memo, show_values)).collect())
    }

    pub(crate) async fn details(&self) -> Result<Option<Json>, RunErrorReason> {
        Ok(self.record().await?.details)
    }

    pub(crate) async fn export(&self) -> Result<RunExport, RunErrorReason> {
        let core = self.client.core();
        let record = self.record().await?;
        let memos = core.store.steps(self.id.clone()).await.map_err(unavailable)?.ok_or(RunErrorReason::Unknown)?;
        let mail = core.store.mail(vec![MailSince { key: record.key, seq: 0 }]).await.map_err(unavailable)?;
        let letters = mail.into_iter().flatten();
        let exported = memos.iter().map(exported).collect::<Result<Vec<_>, _>>().map_err(RunErrorReason::Value)?;
        Ok(RunExport {
            version: RunExport::VERSION,
            workflow: record.summary.workflow.clone(),
            run: self.id.clone(),
            attempt: record.summary.attempt,
            started_at: record.summary.started_at.unwrap_or(record.summary.created_at),
            exported_at: core.host.now(),
            status: exported_status(&record)?,
            input: record.input,
            memos: exported.into_iter().flatten().collect(),
            waits: memos.iter().filter_map(exported_wait).collect(),
            mail: letters.map(|mail| Letter { number: mail.seq, mail: convert::mail(mail.content) }).collect(),
        })
    }
}

fn exported(stored: &StoredMemo) -> Result<Option<ExportedMemo>, crate::value::JsonError> {
    let memo = convert::memo(stored)?;
    let (id, started_at, ended_at) = (stored.id.clone(), stored.started_at, stored.ended_at);
    Ok(memo.map(|memo| ExportedMemo { id, memo, started_at, ended_at }))
}

fn exported_wait(stored: &StoredMemo) -> Option<ExportedWait> {
    let until = match &stored.state {
        MemoState::Waiting { until } => *until,
        MemoState::Retrying { not_before, .. } => Some(*not_before),
        _ => return None,
    };
    let about = convert::Extra::of(stored).about;
    Some(ExportedWait { id: stored.id.clone(), kind: convert::kind_of(&stored.kind)?, about, until })
}

fn exported_status(record: &RunRecord) -> Result<ExportedStatus, RunErrorReason> {
    let failure = |error: &Json| WorkflowError::from_json(error).map(WorkflowError::into_failure);
    let status = match (&record.end, &record.parked) {
        (Some(End::Completed(output)), _) => Ok(ExportedStatus::Completed(output.clone())),
        (Some(End::Failed(error)), _) => failure(error).map(ExportedStatus::Failed),
        (Some(End::Cancelled(error)), _) => failure(error).map(ExportedStatus::Cancelled),
        (None, Some(reason)) => Ok(ExportedStatus::Interrupted(reason.clone())),
        (None, None) => Ok(ExportedStatus::Running),
    };
    status.map_err(RunErrorReason::Value)
}

/// A run's end, as its handle tells it.
pub(super) fn result(end: End) -> Result<Json, RunErrorReason> {
    let read = |error: &Json| WorkflowError::from_json(error).map_err(RunErrorReason::Value);
    match end {
        End::Completed(output) => Ok(output),
        End::Failed(error) => Err(RunErrorReason::Failed(read(&error)?)),
        End::Cancelled(error) => Err(RunErrorReason::Cancelled(read(&error)?)),
    }
}
