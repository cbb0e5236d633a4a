//! The end of a run that does not complete: what cancels it, and the undos that run then.

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::id::StepId;
use super::memo::{Memo, MemoResult};
use super::open::{Handle, Phase};
use super::operation::OperationKind;
use super::slots::SlotKey;
use super::state::State;
#[cfg(feature = "testing")]
use super::watch::{CleanupFate, CleanupSite, is_watched, tell_of_cleanup};
use crate::durable::{Await, Block, Durable, sealed::Sealed};
use crate::error::WorkflowError;
use crate::failure::Failure;
use crate::record::{StepOutcome, StepRecord};
use crate::value::Json;
use crate::workflow::{Return, WorkflowFuture};

/// The ID under which a run's cancellation is recorded, among its steps: what was recorded before it is replayed before it.
pub(crate) const CANCEL_ID: &str = "owf:cancel";

/// Whether the run is to end before its time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Cancel {
    #[default]
    No,
    /// It is, as soon as what is recorded was replayed.
    Requested { reason: String, letter: Option<u64> },
    /// The driver is told.
    Telling { reason: String },
    /// It is recorded.
    Recorded { reason: String },
    /// The workflow's code was dropped.
    Applied,
}

impl Cancel {
    /// Whether operations that were found go on.
    pub(super) fn lets_go_on(&self) -> bool {
        matches!(self, Cancel::No | Cancel::Applied)
    }
}

/// What undoes something, should the run not complete.
pub(crate) type Undoing = Pin<Box<dyn Durable<Output = Result<(), WorkflowError>> + Send>>;

/// Begins an undo, from the ID and the recorded value of the step that it undoes.
pub(crate) type BeginUndo = Box<dyn FnOnce(&StepId, &Json) -> Undoing + Send>;

/// An undo that was registered, with its place: the last to be recorded is undone first.
pub(super) struct Registered {
    order: u32,
    begin: Box<dyn FnOnce() -> Undoing + Send>,
    /// `None` for the undo of a step, and where nobody asks.
    #[cfg(feature = "testing")]
    cleanup: Option<CleanupSite>,
}

impl State {
    /// Notes that the run is to be cancelled; `false` if it is already.
    pub(super) fn request_cancel(&mut self, reason: String, letter: Option<u64>) -> bool {
        let is_first = self.cancel == Cancel::No;
        if is_first {
            self.cancel = Cancel::Requested { reason, letter };
        }
        is_first
    }

    /// Finds a cancellation among what is recorded.
    pub(super) fn recall_cancel(&mut self) {
        let recorded = self.memos.recall(CANCEL_ID, OperationKind::Cancel);
        let Some(Memo::Done { result: MemoResult::Value(reason), .. }) = recorded else { return };
        let reason = reason.decode().unwrap_or_default();
        self.memos.meet(CANCEL_ID);
        self.cancel = Cancel::Recorded { reason };
    }

    /// Tells the driver that the run is cancelled, once all else was told; `true` if something changed.
    pub(super) fn tell_cancel(&mut self) -> bool {
        let Cancel::Requested { .. } = self.cancel else { return false };
        let Cancel::Requested { reason, letter } = std::mem::take(&mut self.cancel) else { return false };
        self.memos.meet(CANCEL_ID);
        let now = self.settings.host.now();
        let record = StepRecord {
            id: StepId::new(CANCEL_ID),
            kind: OperationKind::Cancel,
            attempt: 1,
            started_at: now,
            ended_at: now,
            location: Location::caller().into(),
            input: None,
            mail: letter,
            is_undo: false,
            outcome: StepOutcome::Succeeded { output: Json::encode(&reason).ok() },
        };
        self.cancel = Cancel::Telling { reason };
        self.tell_of(SlotKey::NONE, record);
        true
    }

    /// The reason, once the cancellation is recorded.
    pub(super) fn recorded_cancel(&mut self) -> Option<String> {
        if let Cancel::Telling { .. } = self.cancel
            && self.all_told()
            && let Cancel::Telling { reason } = std::mem::take(&mut self.cancel)
        {
            self.cancel = Cancel::Recorded { reason };
        }
        match &self.cancel {
            Cancel::Recorded { reason } => Some(reason.clone()),
            _ => None,
        }
    }

    /// The step's effect is known: its undo runs should the run not complete.
    pub(crate) fn register_undo(&mut self, handle: &Handle, value: Json, begin: BeginUndo) {
        let (order, id) = (self.memos.order(handle.entry), self.memos.id(handle.entry).clone());
        self.register(Registered {
            order,
            begin: Box::new(move || begin(&id, &value)),
            #[cfg(feature = "testing")]
            cleanup: None,
        });
    }

    /// As [`register_undo`](State::register_undo), for a step that is dropped: its effect may be recorded all the same.
    pub(crate) fn register_dropped(&mut self, handle: &Handle, value: Option<Json>, begin: BeginUndo) {
        let recorded = match self.memos.memo(handle.entry) {
            Some(Memo::Done { result: MemoResult::Value(value), .. }) => Some(value.clone()),
            _ => None,
        };
        let held = handle.slot.and_then(|key| self.get_mut(key));
        let happened = held.is_some_and(|operation| {
            operation.succeeded || matches!(operation.phase, Phase::Parked(_) | Phase::Ready(_)) && recorded.is_some()
        });
        if happened && let Some(value) = value.or(recorded) {
            self.register_undo(handle, value, begin);
        }
    }

    /// A block of the workflow's that runs should the run not complete.
    #[cfg_attr(not(feature = "testing"), expect(unused_variables, reason = "only tests ask where it stands"))]
    pub(crate) fn register_cleanup(&mut self, cleanup: Undoing, location: &'static Location<'static>) {
        self.register(Registered {
            order: self.last_delivered,
            begin: Box::new(move || cleanup),
            #[cfg(feature = "testing")]
            cleanup: is_watched().then(|| self.cleanup_site(location)),
        });
    }

    fn register(&mut self, registered: Registered) {
        if self.compensating {
            return;
        }
        #[cfg(feature = "testing")]
        if let Some(site) = registered.cleanup {
            tell_of_cleanup(self.run_id(), site, CleanupFate::Registered);
        }
        self.undos.push(registered);
    }

    #[cfg(feature = "testing")]
    fn cleanup_site(&self, location: &'static Location<'static>) -> CleanupSite {
        let sites = self.undos.iter().filter_map(|undo| undo.cleanup);
        let earlier = sites.filter(|site| site.location == location).count();
        CleanupSite { location, earlier: u32::try_from(earlier).unwrap_or(u32::MAX) }
    }

    /// What runs in place of the workflow's code once that ended with `error` for good; `None` if there is nothing to undo.
    pub(super) fn compensate(&mut self, error: WorkflowError) -> Result<WorkflowFuture, WorkflowError> {
        self.compensating = true;
        // A wish to cancel comes too late for a run that ends by itself.
        self.cancel = Cancel::Applied;
        let mut undos = std::mem::take(&mut self.undos);
        if undos.is_empty() {
            return Err(error);
        }
        // Stable: what was registered at one place of the record keeps its order.
        undos.sort_by_key(|undo| undo.order);
        #[cfg(feature = "testing")]
        let run = self.run_id().clone();
        Ok(Box::pin(Block::new(async move {
            let mut failed = Vec::new();
            for undo in undos.into_iter().rev() {
                match Await::new(Caught((undo.begin)())).await {
                    Err(error) => failed.push(error),
                    #[cfg(feature = "testing")]
                    Ok(()) if let Some(site) = undo.cleanup => tell_of_cleanup(&run, site, CleanupFate::RanToItsEnd),
                    Ok(()) => {}
                }
            }
            Return::Error(error.with_failed_undos(failed))
        })))
    }
}

/// An undo whose panic is its error, so that the others still run.
struct Caught(Undoing);

impl Sealed for Caught {}

impl Durable for Caught {
    type Output = Result<(), WorkflowError>;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll_durable(cx)))
            .unwrap_or_else(|payload| Poll::Ready(Err(WorkflowError::of_failure(Failure::panic(&*payload)))))
    }
}
