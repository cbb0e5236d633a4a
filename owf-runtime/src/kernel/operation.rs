//! What a workflow waits for, as drivers see it.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::id::{RunId, StepId};
use super::memo::Memo;
use super::retry::RetryPolicy;
use crate::value::Json;
use crate::workflow::AnyWorkflow;

/// The kinds of durable operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OperationKind {
    /// An effect: `step!`.
    Step,
    /// A timer: `sleep`, `sleep_until`.
    Sleep,
    /// A wait for a signal: `wait_for_signal`.
    WaitForSignal,
    /// A wait for an event: `wait_for_event`.
    WaitForEvent,
    /// A signal to another run: `send_signal`.
    SendSignal,
    /// An event for whoever waits for it: `send_event`.
    SendEvent,
    /// A run of another workflow: `invoke`.
    Invoke,
    /// A value of the host: `now`, `random`, `uuid`.
    Value,
    /// The run was cancelled.
    Cancel,
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OperationKind::Step => "step",
            OperationKind::Sleep => "sleep",
            OperationKind::WaitForSignal => "wait for a signal",
            OperationKind::WaitForEvent => "wait for an event",
            OperationKind::SendSignal => "signal",
            OperationKind::SendEvent => "event",
            OperationKind::Invoke => "child run",
            OperationKind::Value => "value",
            OperationKind::Cancel => "cancellation",
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
    /// Whether it stands in an arm of a `race!`: the workflow may go on when one of those ends, and need not wait for the others.
    pub is_racing: bool,
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
    /// Take a value of the host: the time, or something random. Found only in sessions that
    /// [ask for values](super::SessionOptions::asks_for_values).
    Value,
    /// Wait until a time.
    Sleep {
        /// When the wait began.
        since: SystemTime,
        /// When the wait is over; of a `sleep_until`, the time that it names, which may be past.
        until: SystemTime,
        /// Whether the code names the time (`sleep_until`), and not how long it takes.
        is_dated: bool,
    },
    /// Wait for a signal to this run. The session takes it from its mail by itself.
    WaitForSignal {
        /// The signal's name.
        name: String,
        /// When the wait began.
        since: SystemTime,
        /// When it is given up; `None` if never.
        until: Option<SystemTime>,
    },
    /// Wait for an event. Whoever publishes one that fits puts it into the run's mail as the result of this operation.
    WaitForEvent {
        /// What is waited for.
        event: EventPattern,
        /// When the wait began.
        since: SystemTime,
        /// When it is given up; `None` if never.
        until: Option<SystemTime>,
    },
    /// Send a signal to a run, once, and put what became of it (`null`, or the error) into the mail.
    SendSignal {
        /// The run that gets it.
        run: RunId,
        /// The signal's name.
        name: String,
        /// What is sent.
        payload: Json,
        /// The Rust type that it is sent as, for messages.
        sent_as: &'static str,
    },
    /// Publish an event, once, and put what became of it (`null`, or the error) into the mail.
    SendEvent {
        /// The event's name.
        name: String,
        /// What is sent.
        payload: Json,
    },
    /// Publish several events, as one operation.
    SendEvents {
        /// The events' names, and what is sent with each.
        events: Vec<(String, Json)>,
    },
    /// Start a run, once, and put its end into the mail.
    Invoke {
        /// What it runs.
        workflow: AnyWorkflow,
        /// The ID that the child gets.
        run: RunId,
        /// What it is started with.
        input: Json,
        /// Whether it goes on when this run ends or does without it.
        detached: bool,
        /// When the wait for its end began.
        since: SystemTime,
        /// When that is given up; `None` if never.
        until: Option<SystemTime>,
    },
}

/// Which events a wait is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPattern {
    /// The event's name.
    pub name: String,
    /// Fields of the payload, as paths of names (`order.id`), and the values that they must have.
    pub fields: Vec<(String, Json)>,
}

impl EventPattern {
    /// Whether an event of this name and payload is one of those that are waited for.
    #[must_use]
    pub fn matches(&self, name: &str, payload: &Json) -> bool {
        if self.name != name {
            return false;
        }
        if self.fields.is_empty() {
            return true;
        }
        let Ok(payload) = serde_json::from_str::<serde_json::Value>(payload.as_str()) else { return false };
        self.fields.iter().all(|(path, wanted)| {
            payload.pointer(&pointer(path)).is_some_and(|found| {
                serde_json::from_str(wanted.as_str()).is_ok_and(|wanted: serde_json::Value| wanted == *found)
            })
        })
    }
}

/// The JSON pointer of a path: `/order/id` of `order.id`, `/lines/0` of `lines.0`.
fn pointer(path: &str) -> String {
    path.split('.').map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

impl Operation {
    /// The kind of the operation.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        match self.action {
            Action::Run { .. } => OperationKind::Step,
            Action::Value => OperationKind::Value,
            Action::Sleep { .. } => OperationKind::Sleep,
            Action::WaitForSignal { .. } => OperationKind::WaitForSignal,
            Action::WaitForEvent { .. } => OperationKind::WaitForEvent,
            Action::SendSignal { .. } => OperationKind::SendSignal,
            Action::SendEvent { .. } | Action::SendEvents { .. } => OperationKind::SendEvent,
            Action::Invoke { .. } => OperationKind::Invoke,
        }
    }

    /// The time at which it moves on by itself; `None` if that is now, or when its mail arrives.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        match self.action {
            Action::Run { not_before, .. } => not_before,
            Action::Sleep { until, .. } => Some(until),
            Action::WaitForSignal { until, .. } | Action::WaitForEvent { until, .. } | Action::Invoke { until, .. } => {
                until
            }
            Action::Value | Action::SendSignal { .. } | Action::SendEvent { .. } | Action::SendEvents { .. } => None,
        }
    }

    /// The memo that a replay needs while it waits, under the operation's ID: a timer must not be set anew.
    #[must_use]
    pub fn memo(&self) -> Option<Memo> {
        match self.action {
            Action::Sleep { since, until, .. }
            | Action::WaitForSignal { since, until: Some(until), .. }
            | Action::WaitForEvent { since, until: Some(until), .. }
            | Action::Invoke { since, until: Some(until), .. } => Some(Memo::Waiting { since, until }),
            _ => None,
        }
    }

    /// Whether it can move on at `now` without waiting for anything.
    #[must_use]
    pub fn is_due(&self, now: SystemTime) -> bool {
        match self.action {
            Action::Run { .. } | Action::Sleep { .. } => self.not_before().is_none_or(|time| time <= now),
            Action::Value | Action::SendSignal { .. } | Action::SendEvent { .. } | Action::SendEvents { .. } => true,
            Action::WaitForSignal { .. } | Action::WaitForEvent { .. } | Action::Invoke { .. } => {
                self.not_before().is_some_and(|time| time <= now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_matched_by_name_and_fields() {
        let json = |text: &str| Json::parse(text.to_owned()).expect("this is JSON");
        let fields = vec![("order.id".to_owned(), json("7")), ("paid".to_owned(), json("true"))];
        let pattern = EventPattern { name: "order.paid".to_owned(), fields };
        assert!(pattern.matches("order.paid", &json(r#"{"order": {"id": 7}, "paid": true}"#)));
        assert!(!pattern.matches("order.paid", &json(r#"{"order": {"id": 8}, "paid": true}"#)));
        assert!(!pattern.matches("order.paid", &json(r#"{"paid": true}"#)), "a missing field has no value");
        assert!(!pattern.matches("order.lost", &json(r#"{"order": {"id": 7}, "paid": true}"#)));
    }

    #[test]
    fn a_path_leads_into_lists_and_through_any_name() {
        assert_eq!(pointer("order.id"), "/order/id");
        assert_eq!(pointer("lines.0.a/b~c"), "/lines/0/a~1b~0c");
        let json = |text: &str| Json::parse(text.to_owned()).expect("this is JSON");
        let pattern = EventPattern { name: "e".to_owned(), fields: vec![("lines.1".to_owned(), json("null"))] };
        assert!(pattern.matches("e", &json(r#"{"lines": [0, null]}"#)));
        assert!(!pattern.matches("e", &json(r#"{"lines": [0]}"#)), "what is missing is not null");
    }
}
