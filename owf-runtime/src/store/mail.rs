//! What arrives for a run from outside.

use std::time::SystemTime;

use crate::kernel::{RunId, StepId};
use crate::value::Json;

/// Something that has arrived for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its number: one run's mail is numbered in the order of arrival.
    pub seq: u64,
    /// When it arrived.
    pub arrived_at: SystemTime,
    /// What it is.
    pub content: MailContent,
}

/// What a piece of mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailContent {
    /// A signal, for whichever wait of its name comes first.
    Signal {
        /// The signal's name.
        name: String,
        /// Its payload.
        payload: Json,
        /// The Rust type that it was sent as, where that is known: for messages only.
        sent_as: Option<String>,
    },
    /// The outcome of an operation: an event that matched its wait, the end of a child.
    Result {
        /// The operation's ID.
        operation: StepId,
        /// A value, or an error.
        result: Result<Json, Json>,
    },
    /// The run is to be cancelled.
    Cancel {
        /// Why.
        reason: Json,
    },
}

/// Mail to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    /// The run that is to get it.
    pub to: RunId,
    /// What it is.
    pub content: MailContent,
    /// Delivers it once, however often it is sent under this key.
    pub key: Option<String>,
}

/// What became of [`NewMail`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The run has it, or had it before.
    Delivered,
    /// No run has this ID.
    NoSuchRun,
    /// The run is over.
    RunIsOver,
}

/// Asks for the mail of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSince {
    /// The store's [name](super::Lease::key) for the run.
    pub key: u64,
    /// Mail after this number; 0 for all.
    pub seq: u64,
}

/// Something that happened, for whoever waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its payload.
    pub payload: Json,
    /// In a commit: publishes it once under this key, however often its run commits it. Outside of one it is not looked at.
    pub key: Option<String>,
}

/// A run's wait for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventWait {
    /// The operation that waits; one wait an operation.
    pub operation: StepId,
    /// The event's name.
    pub name: String,
    /// What its payload must hold; everything matches if empty.
    pub matches: Vec<FieldMatch>,
}

/// A value that an event's payload must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMatch {
    /// Where, as a JSON pointer: `/order/id`.
    pub pointer: String,
    /// The value there. The same value is the same JSON, whatever the order of its fields; `1` is not `1.0`.
    pub value: Json,
}
