//! Child workflows: a workflow that starts another, and waits for its result.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::arrival::{Arrival, Source, arrivals, refused};
use crate::durable::{Durable, sealed::Sealed};
use crate::error::StepError;
use crate::kernel::{IntoStepName, OperationKind, OperationSpec, Remote, RunId, Wait, with_state};
use crate::time::IntoDuration;
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Workflow};

/// Runs another workflow as a run of its own, and waits for its result.
///
/// The child's failure is returned as the error, with its value where that is serde ([`StepError::downcast`]). The child is cancelled when
/// this run is, ends, or drops the wait (as the loser of a `race!`), unless it is [`detached`](Invoke::detached).
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn ship(parcel: u32) -> WorkflowResult<String> {
///     Ok(step!("ship", format!("parcel {parcel} is on its way")).await?)
/// }
///
/// #[workflow]
/// async fn ship_all(parcels: Vec<u32>) -> WorkflowResult<usize> {
///     let shipped = join_all(parcels.iter().map(|parcel| invoke(format!("ship-{parcel}"), ship, *parcel))).await;
///     Ok(shipped.into_iter().filter(Result::is_ok).count())
/// }
/// ```
#[track_caller]
pub fn invoke<'n, W: Workflow>(id: impl IntoStepName<'n>, workflow: W, input: W::Input) -> Invoke<W> {
    let remote = match Json::encode_to_decode(&input) {
        Ok(input) => {
            Remote::Invoke { workflow: AnyWorkflow::new(workflow), run: None, input, detached: false, timeout: None }
        }
        Err(problem) => refused(OperationKind::Invoke, format_args!("the input of `{}`: {problem}", W::NAME)),
    };
    let from = format!("the result of `{}`", W::NAME);
    Invoke(Arrival::new(id, OperationSpec::Remote(Box::new(remote)), Source::Answer { from, is_timed: false }))
}

/// What [`invoke`] returns: awaiting it yields `Result<W::Output, StepError>`.
#[must_use = "a child workflow is not started unless this is awaited: add `.await`"]
pub struct Invoke<W: Workflow>(Arrival<W::Output>);

impl<W: Workflow> Invoke<W> {
    /// Names the child's run; otherwise its ID is that of this run and of the operation, `order-42/ship`.
    ///
    /// A run of this ID that exists is waited for, if it has the same workflow and input. The run's own ID is refused.
    pub fn id(mut self, id: impl Into<RunId>) -> Invoke<W> {
        let id = id.into();
        if with_state(|state| *state.run_id() == id) == Some(true) {
            let reason = format_args!("run `{id}` would wait for itself, and never end: give the child another ID");
            self.0.refuse(OperationKind::Invoke, reason);
        } else if let Some(Remote::Invoke { run, .. }) = self.0.remote_mut() {
            *run = Some(id);
        }
        self
    }

    /// Lets the child go on when this run is cancelled, ends, or does not wait for it any more.
    ///
    /// Awaiting it still waits for its result. To start a child and go on at once, race it against a step:
    ///
    /// ```
    /// use owf_runtime::prelude::*;
    ///
    /// #[workflow]
    /// async fn tell_everybody(count: u32) -> WorkflowResult<u32> {
    ///     wait_for_signal::<()>("go", "go").await?;
    ///     Ok(step!("tell", count).await?)
    /// }
    ///
    /// #[workflow]
    /// async fn publish(count: u32) -> WorkflowResult<()> {
    ///     race! {
    ///         told = invoke("tell", tell_everybody, count).detached() => drop(told?),
    ///         _ = step!("begun", ()) => (),
    ///     }
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RunError> {
    /// let client = WorkflowClient::new(InMemoryDriver::new());
    /// client.start(publish, 7).id("paper").await?.result().await?;
    /// let child = client.handle(tell_everybody, "paper/tell").await?;
    /// child.signal("go", &()).await?;
    /// assert_eq!(child.result().await?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn detached(mut self) -> Invoke<W> {
        if let Some(Remote::Invoke { detached, .. }) = self.0.remote_mut() {
            *detached = true;
        }
        self
    }

    /// Gives the child up after this time, which counts from the first `.await`; awaiting then yields `Ok(None)`. The child is cancelled, unless it
    /// is [`detached`](Invoke::detached).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use owf_runtime::prelude::*;
    ///
    /// #[workflow]
    /// async fn ask(city: String) -> WorkflowResult<u32> {
    ///     sleep("think", Duration::from_secs(3600)).await?;
    ///     Ok(step!("price", city.len() as u32).await?)
    /// }
    ///
    /// #[workflow]
    /// async fn cheapest(city: String) -> WorkflowResult<Option<u32>> {
    ///     Ok(invoke("ask", ask, city).timeout(Duration::from_secs(60)).await?)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RunError> {
    /// # let host = std::sync::Arc::new(owf_runtime::VirtualHost::new(42));
    /// let client = WorkflowClient::new(InMemoryDriver::with_host(host));
    /// assert_eq!(client.invoke(cheapest, "Rome".to_owned()).await?, None);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn timeout(mut self, timeout: impl IntoDuration) -> TimedInvoke<W> {
        if let Some(Remote::Invoke { timeout: limit, .. }) = self.0.remote_mut() {
            *limit = Some(Wait::For(timeout.into_duration()));
        }
        self.0.time();
        TimedInvoke(self.0)
    }
}

/// What [`Invoke::timeout`] returns: awaiting it yields `Result<Option<W::Output>, StepError>`, with `None` if the child was not over in time.
#[must_use = "a child workflow is not started unless this is awaited: add `.await`"]
pub struct TimedInvoke<W: Workflow>(Arrival<W::Output>);

arrivals! {
    Invoke<W: Workflow> => W::Output: required;
    TimedInvoke<W: Workflow> => Option<W::Output>: optional;
}
