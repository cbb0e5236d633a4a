//! A run as a document: all that is known of it, to be kept, read by people, and replayed by tests.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::kernel::{Action, Letter, Memo, Operation, OperationKind, RunId, StepId};
use crate::value::{Json, JsonError};

/// A run as a JSON document: what [`RunHandle::export`](crate::RunHandle::export) returns, and `testing::replay` reads.
///
/// It holds the values of all steps: keep it where secrets may be.
///
#[doc = include_str!("export/format.md")]
///
/// ```json
#[doc = include_str!("export/version-1.json")]
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunExport {
    /// The version of the format; [`RunExport::VERSION`] in what this version of the crate writes.
    pub version: u32,
    /// The name of the workflow.
    pub workflow: String,
    /// The run's ID.
    pub run: RunId,
    /// What it was started with.
    pub input: Json,
    /// How often the workflow's own failure has begun it anew, from 1.
    pub attempt: u32,
    /// When it was started.
    pub started_at: SystemTime,
    /// When the document was made.
    pub exported_at: SystemTime,
    /// Where it stood then.
    pub status: ExportedStatus,
    /// What is recorded: the finished operations in the order of recording, then those that wait for their time.
    pub memos: Vec<ExportedMemo>,
    /// The operations that the run has come to and that have not ended, by their ID. The losers of a race may be among them.
    pub waits: Vec<ExportedWait>,
    /// What was sent to the run and that it has not used, in the order of arrival.
    pub mail: Vec<Letter>,
}

/// Where an exported run stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ExportedStatus {
    /// It was not over.
    Running,
    /// It had returned this value.
    Completed(Json),
    /// It had ended with this error.
    Failed(Failure),
    /// It was cancelled, or took longer than it may; the error is the reason.
    Cancelled(Failure),
    /// It had broken off, for this reason.
    Interrupted(String),
}

/// What is recorded of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportedMemo {
    /// The operation's ID.
    pub id: StepId,
    /// What is recorded.
    pub memo: Memo,
    /// When its last attempt began, where this process has seen that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<SystemTime>,
    /// When its last attempt ended, where this process has seen that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<SystemTime>,
}

/// An operation that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportedWait {
    /// The operation's ID.
    pub id: StepId,
    /// Its kind.
    pub kind: OperationKind,
    /// The name of the signal or event, or the ID of the run, that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// When it goes on by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<SystemTime>,
}

impl RunExport {
    /// The version of the format that this version of the crate writes, and the highest that it reads.
    pub const VERSION: u32 = 1;

    /// The document as JSON.
    ///
    /// # Errors
    ///
    /// When a time in it is before the year 1970, which has no form.
    pub fn to_json(&self) -> Result<Json, JsonError> {
        Json::encode(self)
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// When the text is none, or one of a newer version of the format.
    pub fn from_json(text: &str) -> Result<RunExport, ExportError> {
        /// What every version begins with.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let text = Json::parse(text.to_owned()).map_err(ExportError::Unreadable)?;
        let Versioned { version } = text.decode().map_err(ExportError::Unreadable)?;
        if version > RunExport::VERSION {
            return Err(ExportError::Newer { version });
        }
        text.decode().map_err(ExportError::Unreadable)
    }
}

/// A text is no document that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// It is of a version that this version of the crate does not know.
    Newer {
        /// Its version.
        version: u32,
    },
    /// It is no JSON, or not a run's.
    Unreadable(JsonError),
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ExportError::Newer { version } => write!(
                f,
                "the exported run has version {version} of the format, and this `owf-runtime` reads versions up to {}: \
                 use the version of `owf-runtime` that has exported it, or a later one",
                RunExport::VERSION
            ),
            ExportError::Unreadable(problem) => write!(f, "this is no exported run: {problem}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl ExportedWait {
    pub(crate) fn of(operation: &Operation) -> ExportedWait {
        let about = match &operation.action {
            Action::WaitForSignal { name, .. } | Action::SendEvent { name, .. } => Some(name.clone()),
            Action::WaitForEvent { event, .. } => Some(event.name.clone()),
            Action::SendSignal { run, .. } | Action::Invoke { run, .. } => Some(run.to_string()),
            Action::SendEvents { events } => events.first().map(|(name, _)| name.clone()),
            Action::Run { .. } | Action::Value | Action::Sleep { .. } => None,
        };
        ExportedWait { id: operation.id.clone(), kind: operation.kind(), about, until: operation.not_before() }
    }
}
