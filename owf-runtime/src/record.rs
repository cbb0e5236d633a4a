//! What is known of a step that was executed.

use std::panic::Location;
use std::time::{Duration, SystemTime};

use crate::failure::Failure;
use crate::kernel::{Memo, MemoResult, OperationKind, StepId};
use crate::value::Json;

/// One attempt of a step, or a timer that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// The ID, unique within the run.
    pub id: StepId,
    /// The kind of the operation.
    pub kind: OperationKind,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// When the body began.
    pub started_at: SystemTime,
    /// When it ended.
    pub ended_at: SystemTime,
    /// Where the step stands in the source.
    pub location: &'static Location<'static>,
    /// The value of the step's `input` option; kept where the client [keeps values](crate::WorkflowClient::keep_values).
    pub input: Option<Json>,
    /// The number of the [letter](crate::kernel::Letter) that it ended with: a driver that stores mail drops that together with recording this.
    pub mail: Option<u64>,
    /// How it ended.
    pub outcome: StepOutcome,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// With a value.
    Succeeded {
        /// The value. A driver gets it if it [keeps memos](crate::Driver::keeps_memos), a handle if the client
        /// [keeps values](crate::WorkflowClient::keep_values).
        output: Option<Json>,
    },
    /// With an error that the workflow now gets.
    Failed {
        /// The error.
        failure: Failure,
    },
    /// With an error, and the step will be tried again.
    Retrying {
        /// The error.
        failure: Failure,
        /// When the next attempt may be made.
        not_before: SystemTime,
    },
}

impl StepRecord {
    /// How long the attempt took; zero if the clock was set back meanwhile.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.ended_at.duration_since(self.started_at).unwrap_or_default()
    }

    /// The memo that a replay needs, under the record's ID; `None` for a value that was not encoded.
    #[must_use]
    pub fn memo(&self) -> Option<Memo> {
        let (kind, attempts) = (self.kind, self.attempt);
        match &self.outcome {
            StepOutcome::Succeeded { output } => {
                let result = MemoResult::Value(output.clone()?);
                Some(Memo::Done { kind, attempts, result })
            }
            StepOutcome::Failed { failure } => {
                let result = MemoResult::Error(failure.clone());
                Some(Memo::Done { kind, attempts, result })
            }
            StepOutcome::Retrying { not_before, .. } => Some(Memo::Retrying { attempts, not_before: *not_before }),
        }
    }
}
