//! Runs as a store keeps them.

use std::time::SystemTime;

use super::Lease;
use crate::kernel::{RunId, StepId};
use crate::value::Json;

/// A run to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Its ID.
    pub id: RunId,
    /// The workflow's name.
    pub workflow: String,
    /// The workflow's version; 0 if it has none.
    pub version: u32,
    /// The workflow's input.
    pub input: Json,
    /// When it is created.
    pub created_at: SystemTime,
    /// When it is to begin.
    pub due_at: SystemTime,
}

/// What became of a [`NewRun`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is new; with a lease, if it was created for a worker.
    New(Option<Lease>),
    /// It was there, with the same workflow and input.
    Known,
    /// Its ID belongs to a run with another workflow or input.
    Other,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It was never begun.
    Pending,
    /// A worker owns it.
    Running,
    /// It waits for a time, for mail, or for a worker.
    Suspended,
    /// It returned a value.
    Completed,
    /// It ended with an error.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// It was set aside, and waits to be retried by hand.
    Parked,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 7] = [
        Status::Pending,
        Status::Running,
        Status::Suspended,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
        Status::Parked,
    ];

    /// The status as it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Suspended => "suspended",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Parked => "parked",
        }
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Status::Completed | Status::Failed | Status::Cancelled)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With this value.
    Completed(Json),
    /// With this error.
    Failed(Json),
    /// It was cancelled, with this error.
    Cancelled(Json),
}

impl End {
    /// The status of a run that ended so.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            End::Completed(_) => Status::Completed,
            End::Failed(_) => Status::Failed,
            End::Cancelled(_) => Status::Cancelled,
        }
    }

    /// What whoever waits for the run gets: its value, or its error.
    pub(crate) fn result(&self) -> Result<Json, Json> {
        match self {
            End::Completed(value) => Ok(value.clone()),
            End::Failed(error) | End::Cancelled(error) => Err(error.clone()),
        }
    }
}

/// A run in a list: without its payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its ID.
    pub id: RunId,
    /// The workflow's name.
    pub workflow: String,
    /// The workflow's version; 0 if it has none.
    pub version: u32,
    /// Where it stands.
    pub status: Status,
    /// The number of the workflow's attempt, from 1.
    pub attempt: u32,
    /// When it was created.
    pub created_at: SystemTime,
    /// When it was first claimed.
    pub started_at: Option<SystemTime>,
    /// When it ended.
    pub finished_at: Option<SystemTime>,
    /// When it is due, if it is not owned and waits for a time.
    pub due_at: Option<SystemTime>,
}

/// All that is known of a run but its memos and its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// What a list says of it.
    pub summary: RunSummary,
    /// The store's [name](super::Lease::key) for it.
    pub key: u64,
    /// The workflow's input.
    pub input: Json,
    /// What the workflow last said of itself.
    pub details: Option<Json>,
    /// How it ended, if it is over.
    pub end: Option<End>,
    /// Why it is set aside, if it is.
    pub parked: Option<String>,
    /// Changes whenever the run is claimed.
    pub token: u64,
}

/// Which runs to list; the default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this workflow.
    pub workflow: Option<String>,
    /// With one of these statuses; with any, if empty.
    pub statuses: Vec<Status>,
    /// Created at this time or later.
    pub created_from: Option<SystemTime>,
    /// Created before this time.
    pub created_before: Option<SystemTime>,
    /// With an ID that begins so.
    pub id_prefix: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The runs, the youngest first.
    pub runs: Vec<RunSummary>,
    /// What to ask for the runs after these with.
    pub next: Option<u64>,
}

/// A run to be retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Its ID.
    pub run: RunId,
    /// The [`token`](RunRecord::token) with which it was found to be over.
    pub token: u64,
    /// The operations to forget.
    pub forget: Vec<StepId>,
    /// When it is due.
    pub now: SystemTime,
}

/// What became of a [`Retry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It is due.
    Due,
    /// No run has this ID.
    NoSuchRun,
    /// It goes on already, or has completed.
    Changed,
}

/// A run to be made of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The run to take from.
    pub from: RunId,
    /// The ID of the new run.
    pub to: RunId,
    /// The last [position](super::StoredMemo::position) to take.
    pub until: u64,
    /// When the new run is created and due.
    pub now: SystemTime,
}

/// What became of a [`Fork`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forked {
    /// The new run is there.
    New,
    /// There is no run to take from.
    NoSuchRun,
    /// The new ID belongs to a run.
    Taken,
}

/// What became of a run that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone.
    Gone,
    /// No run has this ID.
    NoSuchRun,
    /// A worker owns it: cancel it first.
    Running,
    /// Another run waits for its end: cancel it first.
    Awaited,
}

/// Which ended runs to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expire {
    /// Those that ended before this time.
    pub finished_before: SystemTime,
    /// How many at most.
    pub limit: usize,
}
