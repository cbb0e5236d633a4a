//! `replay`: whether today's code still accepts a run of yesterday.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::table::side_by_side;
use crate::export::{ExportError, ExportedStatus, RunExport};
use crate::host::VirtualHost;
use crate::kernel::{
    End, Memo, Memos, Met, OnDivergence, Operation, OperationKind, RunInfo, Session, SessionOptions, StepId,
};
use crate::value::JsonError;
use crate::workflow::{AnyWorkflow, Workflow};

/// Enters today's code with what an [exported](crate::RunHandle::export) run has recorded, and compares.
///
/// It must come to every recorded operation, under the same ID and of the same kind, read every recorded value, and, if the run was over, come to
/// the same end. It may come to others where the run was not over. No step's body runs, and nothing is sent.
///
/// ```
/// use owf_runtime::prelude::*;
/// use owf_runtime::testing::{TestKit, replay};
///
/// #[workflow]
/// async fn double(n: u32) -> WorkflowResult<u32> {
///     Ok(step!("double", n * 2).await?)
/// }
///
/// # fn main() { owf_runtime::testing::run_test(what_ran_yesterday_runs_today) }
/// # /* The harness of Rust calls it only in a test.
/// #[owf_runtime::test]
/// # */
/// async fn what_ran_yesterday_runs_today(kit: TestKit) {
///     let run = kit.start(double, 21).await.unwrap();
///     run.result().await.unwrap();
///     // Kept in a file since yesterday, and read again: `RunExport::from_json(include_str!("run.json"))`.
///     let export = run.export().await.unwrap();
///     replay(double, &export).await.unwrap();
/// }
/// ```
///
/// # Errors
///
/// Where it diverges, as a list of what was recorded beside what today's code comes to; or that the run is not one of this workflow.
pub async fn replay<W: Workflow>(workflow: W, export: &RunExport) -> Result<(), ReplayError> {
    if export.version > RunExport::VERSION {
        return Err(ReplayError::Unreadable(ExportError::Newer { version: export.version }));
    }
    if export.workflow != W::NAME {
        return Err(ReplayError::OtherWorkflow { exported: export.workflow.clone(), workflow: W::NAME });
    }
    let mut session = session(AnyWorkflow::new(workflow), export).map_err(ReplayError::Input)?;
    let end = session.advance(None).await.end;
    match difference(export, session.trace(), &end) {
        None => Ok(()),
        Some(what) => {
            let (recorded, met) = lines(export, session.trace(), &end);
            let table = side_by_side(["recorded", "today's code"], &recorded, &met);
            Err(ReplayError::Diverged { workflow: W::NAME, what, table })
        }
    }
}

/// Today's code does not accept an exported run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// The document is of a newer version of the format.
    Unreadable(ExportError),
    /// It is a run of another workflow.
    OtherWorkflow {
        /// The name in the document.
        exported: String,
        /// The name of the workflow that was given.
        workflow: &'static str,
    },
    /// Its input is not what today's workflow takes.
    Input(JsonError),
    /// Today's code does otherwise.
    Diverged {
        /// The workflow's name.
        workflow: &'static str,
        /// What is different, in words.
        what: String,
        /// What was recorded, beside what today's code comes to.
        table: String,
    },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Unreadable(error) => fmt::Display::fmt(error, f),
            ReplayError::OtherWorkflow { exported, workflow } => write!(
                f,
                "the exported run is one of workflow `{exported}`, and this is `{workflow}`: replay it with that one, or, if it \
                 was renamed, keep the old name: `#[workflow(name = \"{exported}\")]`"
            ),
            ReplayError::Input(problem) => write!(f, "today's code does not take the run's input: {problem}"),
            ReplayError::Diverged { workflow, what, table } => {
                write!(f, "today's `{workflow}` does not accept the run: {what}\n{table}")
            }
        }
    }
}

impl std::error::Error for ReplayError {}

fn session(workflow: AnyWorkflow, export: &RunExport) -> Result<Session, JsonError> {
    let mut run = RunInfo::new(export.run.clone(), workflow.name(), export.started_at);
    run.attempt = export.attempt;
    let memos: Memos = export.memos.iter().map(|recorded| (&recorded.id, recorded.memo.clone())).collect();
    let mut options = SessionOptions::new(Arc::new(VirtualHost::new(0)));
    options.on_divergence = OnDivergence::Fail;
    options.trace = true;
    Session::new(workflow, run, export.input.clone(), memos, options)
}

/// What is different, in words; `None` if nothing is.
fn difference(export: &RunExport, trace: &[Met], end: &End) -> Option<String> {
    if let End::Diverged(divergence) = end {
        return Some(divergence.to_string());
    }
    let met: HashSet<&StepId> = trace.iter().map(|met| &met.id).collect();
    let is_missed = |(id, _): &(&StepId, OperationKind)| !met.contains(id);
    if let Some((id, kind)) = finished(export).find(is_missed) {
        return Some(format!("it does not come to the recorded {kind} `{id}` any more"));
    }
    match (&export.status, end) {
        (ExportedStatus::Running | ExportedStatus::Interrupted(_), _) => None,
        (ExportedStatus::Completed(output), End::Completed(again)) if output.is_same_value(again) => None,
        (ExportedStatus::Failed(failure), End::Failed(again))
            if !again.is_cancelled() && again.failure() == failure =>
        {
            None
        }
        (ExportedStatus::Cancelled(failure), End::Failed(again))
            if again.is_cancelled() && again.failure() == failure =>
        {
            None
        }
        (_, End::Blocked(operations)) => {
            let what = operations.first().map_or_else(String::new, described);
            Some(format!("the run was over, and today's code goes on with {what}"))
        }
        _ => Some("it comes to another end".to_owned()),
    }
}

/// The finished operations, in the order of recording. A cancellation is no operation of the code's.
fn finished(export: &RunExport) -> impl Iterator<Item = (&StepId, OperationKind)> {
    export.memos.iter().filter_map(|recorded| match recorded.memo {
        Memo::Done { kind, .. } if kind != OperationKind::Cancel => Some((&recorded.id, kind)),
        _ => None,
    })
}

/// What was recorded, and beside each what today's code comes to; then what is new in it, and the ends.
fn lines(export: &RunExport, trace: &[Met], end: &End) -> (Vec<String>, Vec<String>) {
    let mut met: HashMap<&StepId, &Met> = trace.iter().map(|met| (&met.id, met)).collect();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (id, kind) in finished(export) {
        left.push(format!("{kind} `{id}`"));
        right.push(match met.remove(id) {
            Some(met) if met.kind == kind => format!("{kind} `{id}`"),
            Some(met) => format!("{} `{id}` at {}", met.kind, met.location),
            None => "-".to_owned(),
        });
    }
    for new in trace.iter().filter(|new| met.contains_key(&new.id)) {
        left.push("-".to_owned());
        right.push(format!("{} `{}` at {}", new.kind, new.id, new.location));
    }
    left.push(match &export.status {
        ExportedStatus::Running => "was not over".to_owned(),
        ExportedStatus::Interrupted(reason) => format!("broke off: {reason}"),
        ExportedStatus::Completed(output) => format!("returned {output}"),
        ExportedStatus::Failed(failure) => format!("failed: {failure}"),
        ExportedStatus::Cancelled(failure) => format!("was cancelled: {failure}"),
    });
    right.push(match end {
        End::Completed(output) => format!("returned {output}"),
        End::Failed(error) if error.is_cancelled() => format!("was cancelled: {}", error.failure()),
        End::Failed(error) => format!("failed: {}", error.failure()),
        End::Blocked(operations) => {
            format!("waits for {}", operations.iter().map(described).collect::<Vec<_>>().join(", "))
        }
        End::Diverged(_) => "cannot go on".to_owned(),
        End::Unstorable(problem) => problem.to_string(),
    });
    (left, right)
}

fn described(operation: &Operation) -> String {
    format!("{} `{}` at {}", operation.kind(), operation.id, operation.location)
}
