//! Signals: messages to one run, kept until it reads them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;

use crate::arrival::{Arrival, Source, arrivals, refused};
use crate::durable::{Durable, sealed::Sealed};
use crate::error::StepError;
use crate::kernel::{IntoStepName, OperationKind, OperationSpec, Remote, RunId, Wait};
use crate::time::IntoDuration;
use crate::value::{Json, ReceivedValue};

/// Waits for a signal to this run.
///
/// Signals are kept until they are read, each by one wait, those of a name in the order in which they were sent: one that was sent before the
/// wait is not lost. Awaiting yields `Result<T, StepError>`; after [`timeout`](WaitForSignal::timeout), `Result<Option<T>, StepError>`.
///
/// A signal that is no `T` fails the wait with an error that names the signal and both types, and stays for another wait.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn approve(order: String) -> WorkflowResult<bool> {
///     let day = Duration::from_secs(24 * 3600);
///     let approval = wait_for_signal::<String>("approval", "approved").timeout(day).await?;
///     Ok(approval.is_some())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), RunError> {
/// let client = WorkflowClient::new(InMemoryDriver::new());
/// let run = client.start(approve, "order-42".to_owned()).await?;
/// run.signal("approved", &"by Ada").await?;
/// assert!(run.result().await?);
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn wait_for_signal<'n, T: ReceivedValue>(id: impl IntoStepName<'n>, name: impl Into<String>) -> WaitForSignal<T> {
    let name = name.into();
    let remote = Remote::WaitForSignal { name: name.clone(), timeout: None };
    WaitForSignal(Arrival::new(id, OperationSpec::Remote(Box::new(remote)), Source::Wait { what: "signal", name }))
}

/// What [`wait_for_signal`] returns: awaiting it yields `Result<T, StepError>`.
#[must_use = "a wait does nothing unless it is awaited: add `.await`"]
pub struct WaitForSignal<T>(Arrival<T>);

impl<T> WaitForSignal<T> {
    /// Gives the wait up after this time, which counts from its first `.await`; awaiting then yields `Ok(None)`.
    #[track_caller]
    pub fn timeout(mut self, timeout: impl IntoDuration) -> TimedWaitForSignal<T> {
        if let Some(Remote::WaitForSignal { timeout: limit, .. }) = self.0.remote_mut() {
            *limit = Some(Wait::For(timeout.into_duration()));
        }
        TimedWaitForSignal(self.0)
    }
}

/// What [`WaitForSignal::timeout`] returns: awaiting it yields `Result<Option<T>, StepError>`, with `None` if nothing came in time.
#[must_use = "a wait does nothing unless it is awaited: add `.await`"]
pub struct TimedWaitForSignal<T>(Arrival<T>);

/// Sends a signal to another run, once, however often this one is re-entered.
///
/// Awaiting it fails if there is no such run, or if it is over.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn approve(order: String) -> WorkflowResult<()> {
///     send_signal("tell the order", format!("order-{order}"), "approved", &true).await?;
///     Ok(())
/// }
/// ```
#[track_caller]
pub fn send_signal<'n, T: Serialize + ?Sized>(
    id: impl IntoStepName<'n>,
    run: impl Into<RunId>,
    name: impl Into<String>,
    value: &T,
) -> SendSignal {
    let (run, name) = (run.into(), name.into());
    let from = format!("signal `{name}`");
    let remote = match Json::encode(value) {
        Ok(payload) => Remote::SendSignal { run, name, payload, sent_as: std::any::type_name::<T>() },
        Err(problem) => refused(OperationKind::SendSignal, format_args!("{from} cannot be sent: {problem}")),
    };
    SendSignal(Arrival::new(id, OperationSpec::Remote(Box::new(remote)), Source::Answer { from, is_timed: false }))
}

/// What [`send_signal`] returns: awaiting it yields `Result<(), StepError>`.
#[must_use = "a signal is not sent unless this is awaited: add `.await`"]
pub struct SendSignal(Arrival<()>);

arrivals! {
    WaitForSignal<T> => T: required;
    TimedWaitForSignal<T> => Option<T>: optional;
    SendSignal => (): required;
}
