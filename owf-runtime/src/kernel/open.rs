//! An operation that is open: as the workflow's code holds it, and as the session keeps it.

use std::panic::Location;
use std::task::Waker;
use std::time::{Duration, SystemTime};

use super::current::with_state;
use super::id::StepId;
use super::memo::EntryKey;
use super::operation::OperationKind;
use super::retry::{Backoff, RetryPolicy};
use crate::error::StepError;
use crate::failure::Failure;
use crate::value::Json;

/// What the workflow's code says of an operation.
#[derive(Debug)]
pub(crate) enum OperationSpec {
    Step(StepSpec),
    Sleep(Duration),
}

impl OperationSpec {
    pub(super) fn kind(&self) -> OperationKind {
        match self {
            OperationSpec::Step(_) => OperationKind::Step,
            OperationSpec::Sleep(_) => OperationKind::Sleep,
        }
    }
}

/// An operation that a pass came to.
#[derive(Debug)]
#[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "only tests read it"))]
pub(crate) struct Met {
    pub(crate) id: StepId,
    pub(crate) kind: OperationKind,
    pub(crate) location: &'static Location<'static>,
    pub(crate) input: Option<Json>,
}

#[derive(Debug, Default)]
pub(crate) struct StepSpec {
    /// `None` where the step says nothing and the workflow's default holds.
    pub(crate) retries: Option<u32>,
    /// `None` where the step says nothing and the workflow's default holds.
    pub(crate) backoff: Option<Backoff>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) input: Option<Json>,
}

/// An operation as the workflow's code holds it.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(super) session: u64,
    pub(super) entry: EntryKey,
    pub(super) location: &'static Location<'static>,
    /// What the code says of it, until it is awaited.
    pub(super) spec: Option<OperationSpec>,
    /// Where it is kept, from the time it is awaited.
    pub(super) slot: Option<SlotKey>,
}

impl Handle {
    /// Makes an operation, and gives it its ID. Made outside any workflow it stays pending.
    pub(crate) fn new(name: &str, location: &'static Location<'static>, spec: OperationSpec) -> Handle {
        let met = with_state(|state| state.meet(name, location, &spec));
        let (session, entry) = met.unwrap_or((NO_SESSION, EntryKey::default()));
        Handle { session, entry, location, spec: Some(spec), slot: None }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            with_state(|state| state.close(self.session, slot));
        }
    }
}

/// The number that no session has.
const NO_SESSION: u64 = 0;

/// An open operation; stale once that is dropped and its slot used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotKey {
    pub(super) index: u32,
    pub(super) generation: u32,
}

/// What a poll of an operation has to do.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Wait.
    Pending,
    /// Start the body, and poll it.
    Start(Start),
    /// Poll the body that is running.
    Poll,
    /// Drop the body, its time is over.
    TimedOut(Duration),
    /// Return the recorded value.
    Recorded(Json),
    /// Return the value that the body has left in the operation.
    Live,
    /// Return the error.
    Failed(StepError),
}

/// How a body is started.
#[derive(Debug)]
pub(crate) struct Start {
    /// What it runs in.
    pub(crate) span: tracing::Span,
    /// Whether its value has to be encoded.
    pub(crate) encode: bool,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// It has no result, and the driver has not let it go on.
    Found,
    /// The driver lets it go on from this time on.
    Due(SystemTime),
    /// Its body may start.
    Startable,
    Running {
        deadline: Option<SystemTime>,
    },
    TimedOut,
    /// It ended, and the driver is told.
    Ended,
    /// Its result waits for its turn in the order of recording.
    Parked(Delivery),
    /// Its result may be returned.
    Ready(Delivery),
    /// Its result was returned.
    Delivered,
}

/// Where an operation's result is.
#[derive(Debug)]
pub(super) enum Delivery {
    /// In the memos.
    Memo,
    /// In the operation itself, never encoded or not to be decoded again.
    Live,
    /// Here: a live session records no memo.
    Failed(Failure),
}

#[derive(Debug)]
pub(super) struct OpenOperation {
    pub(super) entry: EntryKey,
    pub(super) kind: OperationKind,
    pub(super) location: &'static Location<'static>,
    pub(super) retry: RetryPolicy,
    pub(super) timeout: Option<Duration>,
    pub(super) input: Option<Json>,
    /// When a sleep is over, or a failed step may be tried again.
    pub(super) not_before: Option<SystemTime>,
    /// The number of the attempt that is made or comes next.
    pub(super) attempt: u32,
    pub(super) started_at: SystemTime,
    /// The place among all operations that were awaited in this session.
    pub(super) number: u64,
    pub(super) phase: Phase,
    pub(super) waker: Option<Waker>,
}
