//! What a workflow tells of its progress, for whoever holds the run's handle.

use serde::Serialize;

use crate::kernel::{RunId, borrow_out, with_state};
use crate::value::Json;

/// Says how far the run is: the last value is what [`RunHandle::details`](crate::RunHandle::details) returns.
///
/// It waits for nothing and records nothing; on a replay, what was said before is not said again. A value that has no form in JSON is logged
/// and changes nothing. It stands in a workflow or a `#[durable]` function, between steps and not in them.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn import(rows: Vec<u32>) -> WorkflowResult<u32> {
///     let mut sum = 0;
///     for (done, row) in rows.iter().enumerate() {
///         sum += step!(format!("row-{done}"), row * 2).await?;
///         set_details(&format!("{} of {} rows", done + 1, rows.len()));
///     }
///     Ok(sum)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), RunError> {
/// let client = WorkflowClient::new(InMemoryDriver::new());
/// let run = client.start(import, vec![1, 2, 3]).await?;
/// run.result().await?;
/// assert_eq!(run.details::<String>().await?.as_deref(), Some("3 of 3 rows"));
/// # Ok(())
/// # }
/// ```
pub fn set_details<T: Serialize + ?Sized>(details: &T) {
    // The value's code and a driver's must find no workflow around them.
    let mut current = borrow_out();
    let Some(state) = current.state() else {
        tracing::warn!(target: "owf", "`set_details` was called outside a workflow, or in a step, and says nothing");
        return;
    };
    match Json::encode(details) {
        Ok(details) => state.set_details(&details),
        Err(problem) => tracing::warn!(target: "owf", "`set_details` says nothing: {problem}"),
    }
}

/// The ID of the run that the workflow is executed in; the same on every replay.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn who() -> WorkflowResult<String> {
///     Ok(run_id().to_string())
/// }
/// ```
///
/// # Panics
///
/// Outside a workflow, and in a step: take it before the step.
#[must_use]
#[track_caller]
pub fn run_id() -> RunId {
    match with_state(|state| state.run_id().clone()) {
        Some(id) => id,
        None => panic!("`run_id` was called outside a workflow, or in a step: take it before the step"),
    }
}
