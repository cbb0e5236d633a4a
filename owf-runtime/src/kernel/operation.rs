//! What a workflow waits for, as drivers see it.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::id::StepId;
use super::memo::Memo;
use super::retry::RetryPolicy;

/// The kinds of durable operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OperationKind {
    /// An effect: `step!`.
    Step,
    /// A timer: `sleep`.
    Sleep,
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OperationKind::Step => "step",
            OperationKind::Sleep => "sleep",
        })
    }
}

/// An operation that has no recorded result yet: what the workflow is blocked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its ID, unique within the run.
    pub id: StepId,
    /// Where it stands in the source.
    pub location: &'static Location<'static>,
    /// What is to happen.
    pub action: Action,
}

/// What is to happen for an operation to get its result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Run a step's body.
    Run {
        /// The number of the attempt to make, from 1.
        attempt: u32,
        /// When the attempt may be made, where the one before failed.
        not_before: Option<SystemTime>,
        /// How failures are retried.
        retry: RetryPolicy,
        /// How long an attempt may take.
        timeout: Option<Duration>,
    },
    /// Wait until a time.
    Sleep {
        /// When the wait began.
        since: SystemTime,
        /// When the wait is over.
        until: SystemTime,
    },
}

impl Operation {
    /// The kind of the operation.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        match self.action {
            Action::Run { .. } => OperationKind::Step,
            Action::Sleep { .. } => OperationKind::Sleep,
        }
    }

    /// The earliest time at which it can move on; `None` if that is now.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        match self.action {
            Action::Run { not_before, .. } => not_before,
            Action::Sleep { until, .. } => Some(until),
        }
    }

    /// The memo that a replay needs while it waits, under the operation's ID: a timer must not be set anew.
    #[must_use]
    pub fn memo(&self) -> Option<Memo> {
        match self.action {
            Action::Run { .. } => None,
            Action::Sleep { since, until } => Some(Memo::Waiting { since, until }),
        }
    }

    /// Whether it can move on at `now`.
    #[must_use]
    pub fn is_due(&self, now: SystemTime) -> bool {
        self.not_before().is_none_or(|time| time <= now)
    }
}
