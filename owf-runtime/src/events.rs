//! Events: broadcast by name to all runs that wait for them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;

use crate::arrival::{Arrival, Source, arrivals, refused};
use crate::durable::{Durable, sealed::Sealed};
use crate::error::StepError;
use crate::kernel::{EventPattern, IntoStepName, OperationKind, OperationSpec, Remote, Wait};
use crate::time::IntoDuration;
use crate::value::{Json, ReceivedValue};

/// Waits for an event that is sent from now on.
///
/// Every run that waits for the event gets it; unlike a signal it is not kept for those who wait later. Awaiting yields
/// `Result<T, StepError>`; after [`timeout`](WaitForEvent::timeout), `Result<Option<T>, StepError>`.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn ship(order: String) -> WorkflowResult<Option<u64>> {
///     let week = Duration::from_secs(7 * 24 * 3600);
///     let paid = wait_for_event::<serde_json::Value>("paid?", "order.paid").matching("order.id", &order).timeout(week);
///     Ok(paid.await?.and_then(|event| event["cents"].as_u64()))
/// }
/// ```
#[track_caller]
pub fn wait_for_event<'n, T: ReceivedValue>(id: impl IntoStepName<'n>, name: impl Into<String>) -> WaitForEvent<T> {
    let name = name.into();
    let event = EventPattern { name: name.clone(), fields: Vec::new() };
    let remote = Remote::WaitForEvent { event, timeout: None };
    WaitForEvent(Arrival::new(id, OperationSpec::Remote(Box::new(remote)), Source::Wait { what: "event", name }))
}

/// What [`wait_for_event`] returns: awaiting it yields `Result<T, StepError>`.
#[must_use = "a wait does nothing unless it is awaited: add `.await`"]
pub struct WaitForEvent<T>(Arrival<T>);

impl<T> WaitForEvent<T> {
    /// Takes only events with this value in a field of the payload, named by its path: `order.id`, or `lines.0.article` for the first of a
    /// list. May be said more than once.
    ///
    /// Values are compared as JSON: a field that is `null` is not one that is missing, and `1` is not `1.0`.
    #[track_caller]
    pub fn matching<V: Serialize + ?Sized>(mut self, path: impl Into<String>, value: &V) -> WaitForEvent<T> {
        let path = path.into();
        match Json::encode(value) {
            Ok(value) => {
                if let Some(Remote::WaitForEvent { event, .. }) = self.0.remote_mut() {
                    event.fields.push((path, value));
                }
            }
            Err(problem) => self.0.refuse(
                OperationKind::WaitForEvent,
                format_args!("the value for field `{path}` cannot be compared: {problem}"),
            ),
        }
        self
    }

    /// Gives the wait up after this time, which counts from its first `.await`; awaiting then yields `Ok(None)`.
    #[track_caller]
    pub fn timeout(mut self, timeout: impl IntoDuration) -> TimedWaitForEvent<T> {
        if let Some(Remote::WaitForEvent { timeout: limit, .. }) = self.0.remote_mut() {
            *limit = Some(Wait::For(timeout.into_duration()));
        }
        TimedWaitForEvent(self.0)
    }
}

/// What [`WaitForEvent::timeout`] returns: awaiting it yields `Result<Option<T>, StepError>`, with `None` if nothing came in time.
#[must_use = "a wait does nothing unless it is awaited: add `.await`"]
pub struct TimedWaitForEvent<T>(Arrival<T>);

/// Sends an event, once, however often the run is re-entered: to all runs that wait for it, and to the workflows that it
/// [triggers](crate::WorkflowClient::register).
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn pay(order: String) -> WorkflowResult<()> {
///     send_event("tell all", "order.paid", &serde_json::json!({ "order": { "id": order } })).await?;
///     Ok(())
/// }
/// ```
#[track_caller]
pub fn send_event<'n, T: Serialize + ?Sized>(
    id: impl IntoStepName<'n>,
    name: impl Into<String>,
    value: &T,
) -> SendEvent {
    let name = name.into();
    let from = format!("event `{name}`");
    let remote = match Json::encode(value) {
        Ok(payload) => Remote::SendEvent { name, payload },
        Err(problem) => refused(OperationKind::SendEvent, format_args!("{from} cannot be sent: {problem}")),
    };
    SendEvent(Arrival::new(id, OperationSpec::Remote(Box::new(remote)), Source::Answer { from, is_timed: false }))
}

/// Sends several events at once, as [`send_event`] sends one: names and values.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn close(orders: Vec<u64>) -> WorkflowResult<()> {
///     send_events("tell all", orders.iter().map(|order| ("order.closed", serde_json::json!({ "order": order })))).await?;
///     Ok(())
/// }
/// ```
#[track_caller]
pub fn send_events<'n, N: Into<String>, T: Serialize>(
    id: impl IntoStepName<'n>,
    events: impl IntoIterator<Item = (N, T)>,
) -> SendEvent {
    let encoded = events.into_iter().map(|(name, value)| {
        let name = name.into();
        match Json::encode(&value) {
            Ok(payload) => Ok((name, payload)),
            Err(problem) => Err(format!("event `{name}` cannot be sent: {problem}")),
        }
    });
    let remote = match encoded.collect::<Result<Vec<_>, String>>() {
        Ok(events) => Remote::SendEvents(events),
        Err(problem) => refused(OperationKind::SendEvent, problem),
    };
    let from = "what became of the events".to_owned();
    SendEvent(Arrival::new(id, OperationSpec::Remote(Box::new(remote)), Source::Answer { from, is_timed: false }))
}

/// What [`send_event`] and [`send_events`] return: awaiting it yields `Result<(), StepError>`.
#[must_use = "an event is not sent unless this is awaited: add `.await`"]
pub struct SendEvent(Arrival<()>);

arrivals! {
    WaitForEvent<T> => T: required;
    TimedWaitForEvent<T> => Option<T>: optional;
    SendEvent => (): required;
}
