//! What a run's owner records.

use std::borrow::Cow;
use std::time::SystemTime;

use super::{Created, Delivery, End, Event, EventWait, Lease, NewMail, NewRun};
use crate::kernel::StepId;
use crate::value::Json;

/// Everything that happened to a run at one point: recorded as a whole, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The right to record.
    pub lease: Lease,
    /// When it happened.
    pub now: SystemTime,
    /// Memos, in the order of recording.
    pub memos: Vec<StoredMemo>,
    /// The numbers of mail that was consumed.
    pub consumed: Vec<u64>,
    /// Operations that no longer wait for an event or for a child's end.
    pub dropped: Vec<StepId>,
    /// New waits for events.
    pub waits: Vec<EventWait>,
    /// Mail for other runs.
    pub sends: Vec<NewMail>,
    /// Events.
    pub events: Vec<Event>,
    /// Child runs.
    pub children: Vec<Child>,
    /// What the workflow says of itself, if it said something.
    pub details: Option<Json>,
    /// The number of the workflow's attempt, if another began.
    pub attempt: Option<u32>,
    /// What the run is now.
    pub then: Then,
}

impl Commit {
    /// A commit that records nothing yet and keeps the run.
    #[must_use]
    pub fn new(lease: Lease, now: SystemTime) -> Commit {
        Commit {
            lease,
            now,
            memos: Vec::new(),
            consumed: Vec::new(),
            dropped: Vec::new(),
            waits: Vec::new(),
            sends: Vec::new(),
            events: Vec::new(),
            children: Vec::new(),
            details: None,
            attempt: None,
            then: Then::Keep,
        }
    }
}

/// What a run is after a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Still owned.
    Keep,
    /// Owned by nobody until it is due. To hand a run back, suspend it until now.
    Suspend {
        /// When it is due; `None` for when mail arrives.
        until: Option<SystemTime>,
        /// The number of the last mail that its owner knows of.
        seen: u64,
    },
    /// Over.
    Finish(End),
    /// Set aside, until it is retried by hand.
    Park {
        /// Why, for people.
        reason: String,
    },
}

/// What is recorded of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMemo {
    /// Its place in the order of recording, higher than of all that was recorded before; given by the store, and ignored when it is put.
    pub position: u64,
    /// The operation's ID.
    pub id: StepId,
    /// The operation's kind.
    pub kind: Cow<'static, str>,
    /// What became of it.
    pub state: MemoState,
    /// How many attempts were made.
    pub attempts: u32,
    /// When the last attempt, or the wait, began.
    pub started_at: Option<SystemTime>,
    /// When it ended.
    pub ended_at: Option<SystemTime>,
    /// Where it stands in the source: `src/order.rs:12:5`.
    pub location: Option<Cow<'static, str>>,
    /// What else its driver keeps with it.
    pub extra: Option<Json>,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoState {
    /// It is over, with a value.
    Value(Json),
    /// It is over, with an error.
    Error(Json),
    /// An attempt failed, and there will be another.
    Retrying {
        /// The error of the last attempt.
        error: Json,
        /// When the next may be made.
        not_before: SystemTime,
    },
    /// It waits.
    Waiting {
        /// Until when at most.
        until: Option<SystemTime>,
    },
}

impl MemoState {
    /// Whether the operation is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, MemoState::Value(_) | MemoState::Error(_))
    }

    /// Whether something was attempted, well or badly, and not only waited for.
    #[must_use]
    pub fn is_attempt(&self) -> bool {
        !matches!(self, MemoState::Waiting { .. })
    }
}

/// A run that another waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The operation that gets its end.
    pub operation: StepId,
    /// The run, which may be there already.
    pub run: NewRun,
}

/// What a commit answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The positions of the memos.
    pub positions: Vec<u64>,
    /// What became of each send.
    pub deliveries: Vec<Delivery>,
    /// How many waits each event matched.
    pub matched: Vec<u64>,
    /// What became of each child.
    pub children: Vec<Created>,
}
