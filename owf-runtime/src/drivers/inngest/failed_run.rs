//! What the server tells of a run that has failed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error_object;
use super::request::{Event, unwrapped};
use crate::error::WorkflowError;
use crate::value::{Json, JsonError};

/// The event that tells of a run that has failed for good.
pub(super) const FAILED_EVENT: &str = "inngest/function.failed";

/// A run that has failed for good: the input of a workflow that is told of it, by [`InngestFunction::on_failure`](super::InngestFunction::on_failure)
/// or by the event `inngest/function.failed`.
///
/// ```
/// use owf_runtime::inngest::{FailedRun, InngestDriver, InngestFunction};
/// use owf_runtime::prelude::*;
///
/// #[workflow(event = "order.created")]
/// async fn process_order(order: u64) -> WorkflowResult<u64> {
///     Ok(step!("charge", order * 2).await?)
/// }
///
/// #[workflow]
/// async fn tell_support(failed: FailedRun) -> WorkflowResult<()> {
///     let (order, error) = (failed.input::<u64>()?, failed.error());
///     step!("tell", println!("order {order} (run {}): {error}", failed.run())).await?;
///     Ok(())
/// }
///
/// let driver = InngestDriver::new("shop").function(InngestFunction::new(process_order).on_failure(tell_support));
/// assert!(driver.problems().is_empty());
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FailedRun {
    function_id: String,
    run_id: String,
    #[serde(default)]
    error: Option<Json>,
    #[serde(default)]
    event: Option<Json>,
}

impl FailedRun {
    /// The run's ID at the server.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run_id
    }

    /// The function's ID: the app's name and the workflow's, `shop-process_order`.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function_id
    }

    /// The error that the run has ended with. Where it was one of this library, it is as it was: its value comes back by
    /// [`downcast`](WorkflowError::downcast), and it knows its step and the undos that failed.
    #[must_use]
    pub fn error(&self) -> WorkflowError {
        error_object::read_of_run(self.error.as_ref().unwrap_or(&Json::null()))
    }

    /// What the run was started with.
    ///
    /// # Errors
    ///
    /// When it is no `T`.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let event: Option<Event> = self.event.as_ref().and_then(|event| event.decode().ok());
        let data = event.map_or_else(Json::null, |event| event.data());
        match unwrapped(&data).map(|inner| inner.decode()) {
            Some(Ok(input)) => Ok(input),
            _ => data.decode(),
        }
    }
}
