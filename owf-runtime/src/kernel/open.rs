//! An operation that is open: as the workflow's code holds it, and as the session keeps it.

use std::any::Any;
use std::panic::Location;
use std::task::Waker;
use std::time::{Duration, SystemTime};

use super::current::with_state;
use super::id::{RunId, StepId};
use super::mail::Letter;
use super::memo::{EntryKey, MemoResult};
use super::operation::{EventPattern, OperationKind};
use super::retry::{Backoff, RetryPolicy};
use super::slots::SlotKey;
use crate::error::StepError;
use crate::failure::Failure;
use crate::value::Json;
use crate::workflow::AnyWorkflow;

/// What the workflow's code says of an operation.
#[derive(Debug)]
pub(crate) enum OperationSpec {
    Step(Option<Box<StepSpec>>),
    Sleep(Wait),
    /// A value of the host, which is there at once.
    Value,
    Remote(Box<Remote>),
}

/// How long a timer waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    For(Duration),
    Until(SystemTime),
}

/// An operation whose result arrives by mail.
#[derive(Debug)]
pub(crate) enum Remote {
    WaitForSignal {
        name: String,
        timeout: Option<Wait>,
    },
    WaitForEvent {
        event: EventPattern,
        timeout: Option<Wait>,
    },
    SendSignal {
        run: RunId,
        name: String,
        payload: Json,
        sent_as: &'static str,
    },
    SendEvent {
        name: String,
        payload: Json,
    },
    /// Names and payloads.
    SendEvents(Vec<(String, Json)>),
    /// `run` is given the ID of this run and operation where the code names none.
    Invoke {
        workflow: AnyWorkflow,
        run: Option<RunId>,
        input: Json,
        detached: bool,
        timeout: Option<Wait>,
    },
    /// Not to be carried out: what the code says of it is wrong.
    Refused {
        kind: OperationKind,
        failure: Failure,
    },
}

impl Remote {
    pub(super) fn kind(&self) -> OperationKind {
        match self {
            Remote::WaitForSignal { .. } => OperationKind::WaitForSignal,
            Remote::WaitForEvent { .. } => OperationKind::WaitForEvent,
            Remote::SendSignal { .. } => OperationKind::SendSignal,
            Remote::SendEvent { .. } | Remote::SendEvents(_) => OperationKind::SendEvent,
            Remote::Invoke { .. } => OperationKind::Invoke,
            Remote::Refused { kind, .. } => *kind,
        }
    }

    pub(super) fn timeout(&self) -> Option<Wait> {
        match self {
            Remote::WaitForSignal { timeout, .. }
            | Remote::WaitForEvent { timeout, .. }
            | Remote::Invoke { timeout, .. } => *timeout,
            _ => None,
        }
    }
}

impl OperationSpec {
    pub(super) fn kind(&self) -> OperationKind {
        match self {
            OperationSpec::Step(_) => OperationKind::Step,
            OperationSpec::Sleep(_) => OperationKind::Sleep,
            OperationSpec::Value => OperationKind::Value,
            OperationSpec::Remote(remote) => remote.kind(),
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
    /// Whether its body writes to the driver's database, together with its result.
    pub(crate) transacts: bool,
    /// Whether it says how it is undone.
    #[cfg(feature = "testing")]
    pub(crate) has_undo: bool,
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

impl Handle {
    /// What the code says of an operation that arrives by mail, as long as it is not awaited.
    pub(crate) fn remote_mut(&mut self) -> Option<&mut Remote> {
        match &mut self.spec {
            Some(OperationSpec::Remote(remote)) => Some(remote),
            _ => None,
        }
    }

    /// What the code says of a step, without its input, as long as it is not awaited.
    pub(crate) fn step_spec(&self) -> Option<Box<StepSpec>> {
        let Some(OperationSpec::Step(Some(spec))) = &self.spec else { return None };
        let StepSpec { retries, backoff, timeout, .. } = **spec;
        Some(Box::new(StepSpec { retries, backoff, timeout, ..StepSpec::default() }))
    }

    /// Notes that the step says how it is undone, as long as it is not awaited.
    #[cfg(feature = "testing")]
    pub(crate) fn note_undo(&mut self) {
        if let Some(OperationSpec::Step(step)) = &mut self.spec {
            step.get_or_insert_default().has_undo = true;
        }
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Says otherwise, as long as it is not awaited.
    pub(crate) fn respecify(&mut self, spec: OperationSpec) {
        if self.spec.is_some() {
            self.spec = Some(spec);
        }
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
    /// Return the recorded value: `State::recorded_value`.
    Recorded,
    /// Return the value that the body has left in the operation.
    Live,
    /// Return the error.
    Failed(StepError),
    /// Make the value, or decode what arrived, and end with it.
    Take(Offer),
}

/// What an operation ends with, if it can.
#[derive(Debug)]
pub(crate) struct Offer {
    /// The current time and random bits of the host, for a value.
    pub(crate) host: Option<(SystemTime, u64, u64)>,
    /// What arrived.
    pub(crate) result: Option<MemoResult>,
    /// The Rust type that it was sent as, where that is known.
    pub(crate) sent_as: Option<String>,
    /// Whether its value has to be encoded.
    pub(crate) encode: bool,
}

/// What a driver gives to the body of a step that writes to the driver's database; the two know what is in it.
pub(crate) type Provided = Box<dyn Any + Send>;

/// How a body is started.
#[derive(Debug)]
pub(crate) struct Start {
    /// What it runs in.
    pub(crate) span: tracing::Span,
    /// Whether its value has to be encoded.
    pub(crate) encode: bool,
    /// What the driver gives to it, if it writes to the driver's database.
    pub(crate) provided: Option<Provided>,
    /// What stands in its place in a test.
    #[cfg(feature = "testing")]
    pub(crate) mocked: Option<MemoResult>,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// It has no result, and the driver has not let it go on.
    Found,
    /// The driver lets it go on from this time on.
    Due(SystemTime),
    /// The driver lets it go on, and it waits for mail.
    Expecting,
    /// Its mail is there.
    Offered(Box<Letter>),
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
    /// Whether its body writes to the driver's database, together with its result.
    pub(super) transacts: bool,
    /// Whether it says how it is undone.
    #[cfg(feature = "testing")]
    pub(super) has_undo: bool,
    /// When a sleep is over, or a failed step may be tried again.
    pub(super) not_before: Option<SystemTime>,
    /// Whether the code names that time, and not how long the wait takes.
    pub(super) is_dated: bool,
    /// Whether it stands in an arm of a `race!`.
    pub(super) is_racing: bool,
    /// The number of the attempt that is made or comes next.
    pub(super) attempt: u32,
    pub(super) started_at: SystemTime,
    /// What its result arrives for.
    pub(super) remote: Option<Box<Remote>>,
    /// The letter that it ends with.
    pub(super) used: Option<u64>,
    /// Whether its effect happened.
    pub(super) succeeded: bool,
    /// The place among all operations that were awaited in this session.
    pub(super) number: u64,
    pub(super) phase: Phase,
    pub(super) waker: Option<Waker>,
}

impl OpenOperation {
    /// Whether it has neither a result nor a running body.
    pub(super) fn waits(&self) -> bool {
        matches!(self.phase, Phase::Found | Phase::Due(_) | Phase::Startable | Phase::Expecting | Phase::Offered(_))
    }
}
