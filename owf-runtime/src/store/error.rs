//! What goes wrong between a driver and its store.

use std::fmt;

/// A call of a store that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    attempted: String,
    kind: StoreErrorKind,
    problem: String,
    may_have_happened: bool,
}

/// Why a call of a store failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Somebody else has claimed the run, or taken over from the worker. Drop it: its record is in other hands.
    LeaseLost,
    /// Others keep the store locked. Try again.
    Busy,
    /// No space is left. Try again when there is.
    Full,
    /// The store cannot be written to.
    ReadOnly,
    /// The operating system or the connection failed.
    Io,
    /// What is there is not a store, or belongs to another program.
    Foreign,
    /// What is there was written by a newer version of this library.
    Newer,
    /// What is there is damaged.
    Corrupt,
    /// What was to be stored cannot be.
    Invalid,
    /// The store has been closed.
    Closed,
}

impl StoreError {
    /// Says what was attempted (`"record a step of run `order-42`"`), and why it failed.
    pub fn new(attempted: impl Into<String>, kind: StoreErrorKind, problem: impl Into<String>) -> StoreError {
        StoreError { attempted: attempted.into(), kind, problem: problem.into(), may_have_happened: false }
    }

    /// Marks the error as one after which nobody knows whether the call had its effect.
    #[must_use]
    pub fn with_unknown_effect(mut self) -> StoreError {
        self.may_have_happened = true;
        self
    }

    pub(crate) fn invalid(attempted: impl Into<String>, problem: impl fmt::Display) -> StoreError {
        StoreError::new(attempted, StoreErrorKind::Invalid, problem.to_string())
    }

    pub(crate) fn lease_lost(attempted: impl Into<String>) -> StoreError {
        let problem = "another worker has taken over; its record is not touched by this one any more";
        StoreError::new(attempted, StoreErrorKind::LeaseLost, problem)
    }

    pub(crate) fn closed(attempted: impl Into<String>) -> StoreError {
        StoreError::new(attempted, StoreErrorKind::Closed, "the store has been closed").with_unknown_effect()
    }

    /// Why it failed.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        use StoreErrorKind as Kind;
        matches!(self.kind, Kind::Busy | Kind::Full | Kind::ReadOnly | Kind::Io)
    }

    /// Whether the call may have had its effect nevertheless.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.may_have_happened
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store could not {}: {}", self.attempted, self.problem)
    }
}

impl std::error::Error for StoreError {}
