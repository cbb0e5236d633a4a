//! What is known of a step that was executed.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
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
    pub location: SourceLocation,
    /// The value of the step's `input` option; kept where the client [keeps values](crate::WorkflowClient::keep_values).
    pub input: Option<Json>,
    /// The number of the [letter](crate::kernel::Letter) that it ended with: a driver that stores mail drops that together with recording this.
    pub mail: Option<u64>,
    /// Whether it ran after the workflow had ended for good: an undo, or a part of a cleanup.
    pub is_undo: bool,
    /// How it ended.
    pub outcome: StepOutcome,
}

/// A place in the source: `src/order.rs:12:5`.
#[derive(Clone)]
pub struct SourceLocation(Place);

#[derive(Clone)]
enum Place {
    Code(&'static Location<'static>),
    Recorded { file: Arc<str>, line: u32, column: u32 },
}

impl SourceLocation {
    /// Reads a place as it is displayed; what is no such text is taken for the name of a file.
    #[must_use]
    pub fn parse(text: &str) -> SourceLocation {
        let mut parts = text.rsplitn(3, ':');
        let numbers =
            (parts.next().and_then(|part| part.parse().ok()), parts.next().and_then(|part| part.parse().ok()));
        SourceLocation(match (numbers, parts.next()) {
            ((Some(column), Some(line)), Some(file)) => Place::Recorded { file: file.into(), line, column },
            _ => Place::Recorded { file: text.into(), line: 0, column: 0 },
        })
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        match &self.0 {
            Place::Code(location) => location.file(),
            Place::Recorded { file, .. } => file,
        }
    }

    /// The line, from 1; 0 if it is not known.
    #[must_use]
    pub fn line(&self) -> u32 {
        match &self.0 {
            Place::Code(location) => location.line(),
            Place::Recorded { line, .. } => *line,
        }
    }

    /// The column, from 1; 0 if it is not known.
    #[must_use]
    pub fn column(&self) -> u32 {
        match &self.0 {
            Place::Code(location) => location.column(),
            Place::Recorded { column, .. } => *column,
        }
    }
}

impl From<&'static Location<'static>> for SourceLocation {
    fn from(location: &'static Location<'static>) -> SourceLocation {
        SourceLocation(Place::Code(location))
    }
}

impl PartialEq for SourceLocation {
    fn eq(&self, other: &SourceLocation) -> bool {
        (self.file(), self.line(), self.column()) == (other.file(), other.line(), other.column())
    }
}

impl Eq for SourceLocation {}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line() {
            0 => f.write_str(self.file()),
            line => write!(f, "{}:{line}:{}", self.file(), self.column()),
        }
    }
}

impl fmt::Debug for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_is_displayed() {
        let here = SourceLocation::from(Location::caller());
        assert_eq!(SourceLocation::parse(&here.to_string()), here);
        assert_eq!(SourceLocation::parse("C:\\a.rs:1:2").line(), 1);
        assert_eq!(SourceLocation::parse("generated").to_string(), "generated");
    }
}
