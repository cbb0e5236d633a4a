//! How many runs of a function there are, when they start, and what ends them: each what the server's configuration knows.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::time_text;
use crate::time::IntoDuration;

/// A length of time, written as the server reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length(pub(super) Duration);

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time_text::length(self.0))
    }
}

/// How many steps of a function run at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Concurrency {
    pub(super) limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<Scope>,
}

/// What a limit of [`Concurrency`] holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Scope {
    /// The runs of this function.
    #[serde(rename = "fn")]
    Function,
    /// All functions of the environment that have the same key.
    #[serde(rename = "env")]
    Environment,
    /// All functions of the account that have the same key.
    Account,
}

impl Concurrency {
    /// At most so many steps at a time.
    #[must_use]
    pub fn new(limit: u32) -> Concurrency {
        Concurrency { limit, key: None, scope: None }
    }

    /// Counts for each value of an expression by itself: `event.data.customer`.
    #[must_use]
    pub fn key(mut self, expression: impl Into<String>) -> Concurrency {
        self.key = Some(expression.into());
        self
    }

    /// Counts together with other functions of the same key.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Concurrency {
        self.scope = Some(scope);
        self
    }
}

/// How many runs start in a while; those beyond wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Throttle {
    pub(super) limit: u32,
    pub(super) period: Length,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) burst: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Throttle {
    /// So many runs in each period.
    #[must_use]
    pub fn new(limit: u32, period: impl IntoDuration) -> Throttle {
        Throttle { limit, period: Length(period.into_duration()), burst: None, key: None }
    }

    /// Lets so many more start at once.
    #[must_use]
    pub fn burst(mut self, burst: u32) -> Throttle {
        self.burst = Some(burst);
        self
    }

    /// Counts for each value of an expression by itself.
    #[must_use]
    pub fn key(mut self, expression: impl Into<String>) -> Throttle {
        self.key = Some(expression.into());
        self
    }
}

/// How many runs start in a while; events beyond start none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RateLimit {
    pub(super) limit: u32,
    pub(super) period: Length,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl RateLimit {
    /// So many runs in each period.
    #[must_use]
    pub fn new(limit: u32, period: impl IntoDuration) -> RateLimit {
        RateLimit { limit, period: Length(period.into_duration()), key: None }
    }

    /// Counts for each value of an expression by itself.
    #[must_use]
    pub fn key(mut self, expression: impl Into<String>) -> RateLimit {
        self.key = Some(expression.into());
        self
    }
}

/// A run starts when no event has come for a while, with the last of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Debounce {
    pub(super) period: Length,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<Length>,
}

impl Debounce {
    /// A run starts so long after the last event.
    #[must_use]
    pub fn new(period: impl IntoDuration) -> Debounce {
        Debounce { period: Length(period.into_duration()), key: None, timeout: None }
    }

    /// Looks at the events of each value of an expression by themselves.
    #[must_use]
    pub fn key(mut self, expression: impl Into<String>) -> Debounce {
        self.key = Some(expression.into());
        self
    }

    /// Starts a run after this time in any case.
    #[must_use]
    pub fn timeout(mut self, timeout: impl IntoDuration) -> Debounce {
        self.timeout = Some(Length(timeout.into_duration()));
        self
    }
}

/// A run starts with several events: the workflow's input is a list of their data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    #[serde(rename = "maxSize")]
    pub(super) max_size: u32,
    pub(super) timeout: Length,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Batch {
    /// Up to so many events, gathered for so long.
    #[must_use]
    pub fn new(max_size: u32, timeout: impl IntoDuration) -> Batch {
        Batch { max_size, timeout: Length(timeout.into_duration()), key: None }
    }

    /// Gathers the events of each value of an expression by themselves.
    #[must_use]
    pub fn key(mut self, expression: impl Into<String>) -> Batch {
        self.key = Some(expression.into());
        self
    }
}

/// At most one run at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Singleton {
    mode: SingletonMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum SingletonMode {
    Skip,
    Cancel,
}

impl Singleton {
    /// While a run is there, events start none.
    #[must_use]
    pub fn skip() -> Singleton {
        Singleton { mode: SingletonMode::Skip, key: None }
    }

    /// A new run cancels the one that is there.
    #[must_use]
    pub fn cancel() -> Singleton {
        Singleton { mode: SingletonMode::Cancel, key: None }
    }

    /// One run at a time for each value of an expression.
    #[must_use]
    pub fn key(mut self, expression: impl Into<String>) -> Singleton {
        self.key = Some(expression.into());
        self
    }
}

/// An event that cancels runs. The server ends them without a word: their undos do not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CancelOn {
    pub(super) event: String,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<Length>,
}

impl CancelOn {
    /// Every event of this name.
    #[must_use]
    pub fn new(event: impl Into<String>) -> CancelOn {
        CancelOn { event: event.into(), condition: None, timeout: None }
    }

    /// Only where an expression holds, of the run's `event` and the `async` one: `async.data.order == event.data.order`.
    #[must_use]
    pub fn when(mut self, expression: impl Into<String>) -> CancelOn {
        self.condition = Some(expression.into());
        self
    }

    /// Only for so long after the run's start.
    #[must_use]
    pub fn timeout(mut self, timeout: impl IntoDuration) -> CancelOn {
        self.timeout = Some(Length(timeout.into_duration()));
        self
    }
}

/// How long a run may wait for its start, and how long it may take then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Timeouts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start: Option<Length>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finish: Option<Length>,
}

impl Timeouts {
    pub(super) fn is_empty(&self) -> bool {
        *self == Timeouts::default()
    }
}
