//! Who executes a run, and what it was handed.

use std::time::SystemTime;

use super::{Mail, StoredMemo};
use crate::kernel::{RunId, StepId};
use crate::value::Json;

/// A process that is going to own runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWorker {
    /// Its name, for people.
    pub name: String,
    /// When its lease is over, unless it is renewed.
    pub lease_until: SystemTime,
}

/// The store's name for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkerId(pub u64);

/// Whether a worker has kept its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// All of them.
    Kept,
    /// None: others may execute them. Stop, and register anew.
    Lost,
}

/// The right to commit to a run, until somebody else claims it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The run.
    pub run: RunId,
    /// The store's name for the run; never given to another.
    pub key: u64,
    /// The fencing token: higher with each claim.
    pub token: u64,
}

/// Asks for runs to execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// For whom.
    pub worker: WorkerId,
    /// What it can execute.
    pub workflows: Vec<Registered>,
    /// How many at most.
    pub limit: usize,
    /// Due at this time.
    pub now: SystemTime,
}

/// A workflow that a worker can execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The workflow's name.
    pub workflow: String,
    /// The newest version of it that the worker has: runs of newer ones are left for others.
    pub newest: u32,
}

impl Registered {
    /// A workflow with all versions of its runs.
    #[must_use]
    pub fn any(workflow: impl Into<String>) -> Registered {
        Registered { workflow: workflow.into(), newest: u32::MAX }
    }

    /// Whether the worker can execute runs of this workflow and version.
    pub(crate) fn takes(&self, workflow: &str, version: u32) -> bool {
        self.workflow == workflow && version <= self.newest
    }
}

/// A run that was claimed, with all of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedRun {
    /// The right to commit to it.
    pub lease: Lease,
    /// The workflow's name.
    pub workflow: String,
    /// The workflow's version; 0 if it has none.
    pub version: u32,
    /// The workflow's input.
    pub input: Json,
    /// When it was first claimed.
    pub started_at: SystemTime,
    /// The number of the workflow's attempt, from 1.
    pub attempt: u32,
    /// How often it was claimed since it last committed anything: if this grows, it takes its process down.
    pub claims: u32,
    /// What the workflow last said of itself.
    pub details: Option<Json>,
    /// The latest memo under each ID, in the order of recording.
    pub memos: Vec<StoredMemo>,
    /// Its mail, in the order of arrival.
    pub mail: Vec<Mail>,
    /// The operations that will get mail when a run is over or an event comes.
    pub awaiting: Vec<StepId>,
}
