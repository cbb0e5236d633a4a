//! Steps that write to the driver's database, and commit their record together with that.
//!
//! Such a record has its place among the others from its commit on, before the session hears of it. So that a replay finds the order in
//! which the workflow went on, these steps run one at a time, when all that is recorded was handed on; and nothing else is recorded until
//! they have ended. Other steps run meanwhile, and are heard afterwards.

use std::collections::VecDeque;

use super::open::{Phase, Provided};
use super::slots::SlotKey;
use super::state::State;
use crate::record::{StepOutcome, StepRecord};

#[derive(Default)]
pub(super) struct Transactions {
    /// Those that may begin, in order. One may be stale: it has begun, or is gone.
    pub(super) waiting: VecDeque<SlotKey>,
    /// The one whose turn it is, until it has ended.
    pub(super) running: Option<SlotKey>,
}

impl Transactions {
    /// The operation has ended, or is gone; `true` if its turn is over with that.
    pub(super) fn end(&mut self, key: SlotKey) -> bool {
        self.running.take_if(|running| *running == key).is_some()
    }
}

impl State {
    /// Whether a transaction may begin. Where the workflow can go on in one place only, it need not wait for its turn.
    pub(super) fn has_turn(&mut self, key: SlotKey) -> bool {
        let is_alone = self.lanes == 0
            && self.transactions.running.is_none()
            && self.ended.is_empty()
            && self.all_heard()
            && !self.dialogue.interrupted
            && self.cancel.lets_go_on();
        if is_alone {
            self.transactions.running = Some(key);
            self.transactions.waiting.retain(|waiting| *waiting != key);
        }
        self.transactions.running == Some(key)
    }

    /// Lets the next transaction begin; `false` if none can.
    pub(super) fn give_turn(&mut self) -> bool {
        if self.dialogue.interrupted || !self.ended.is_empty() {
            return false;
        }
        while let Some(key) = self.transactions.waiting.pop_front() {
            if self.get_mut(key).is_some_and(|operation| matches!(operation.phase, Phase::Startable)) {
                self.transactions.running = Some(key);
                self.wake(key);
                return true;
            }
        }
        false
    }

    /// What the driver gives to a transaction that begins, which gets the record to be.
    pub(super) fn begin_transaction(&mut self, key: SlotKey) -> Option<Provided> {
        let is_undo = self.compensating;
        let operation = self.get_mut(key)?;
        let (entry, kind, attempt, started_at) =
            (operation.entry, operation.kind, operation.attempt, operation.started_at);
        let (location, input) = (operation.location.into(), operation.input.clone());
        self.ask_provided(StepRecord {
            id: self.memos.id(entry).clone(),
            kind,
            attempt,
            started_at,
            ended_at: started_at,
            location,
            input,
            mail: None,
            is_undo,
            outcome: StepOutcome::Succeeded { output: None },
        })
    }
}
