//! A session's state, as the session uses it: operations are let go on, settled, released and timed.

use std::cmp::Reverse;
use std::time::SystemTime;

use super::cancel::Cancel;
use super::divergence::Divergence;
use super::id::{RunId, StepId};
use super::memo::{EntryKey, Memo, MemoResult};
use super::open::{Delivery, OpenOperation, Phase, Remote};
use super::operation::{Action, Operation, OperationKind};
use super::slots::SlotKey;
use super::state::State;
use super::transactions::Transactions;
use crate::record::{StepOutcome, StepRecord};
use crate::value::Json;

impl State {
    /// Puts a result into the memos, and gives it its place in the order of recording.
    pub(super) fn record(&mut self, key: SlotKey, record: &StepRecord) {
        // The operation may be gone (it lost a race while its body ended), its effect is not.
        let entry = match self.get_mut(key) {
            Some(operation) => operation.entry,
            None => match self.memos.entry(&record.id) {
                Some(entry) => entry,
                None => return,
            },
        };
        match record.memo() {
            Some(memo) if !self.settings.live => self.memos.set(entry, memo),
            _ if matches!(record.outcome, StepOutcome::Retrying { .. }) => {}
            _ => self.memos.mark_recorded(entry),
        }
    }

    /// The driver knows of a result: the operation may have it once its turn comes.
    pub(super) fn settle(&mut self, key: SlotKey, record: StepRecord) {
        if let Some(letter) = record.mail {
            self.post.inbox.used(letter);
        }
        let (live, lanes) = (self.settings.live, self.lanes);
        let Some(operation) = self.get_mut(key) else { return };
        let delivery = match record.outcome {
            StepOutcome::Retrying { not_before, .. } => {
                operation.attempt += 1;
                operation.not_before = Some(not_before);
                operation.phase = Phase::Due(not_before);
                let number = operation.number;
                self.timers.push(Reverse((not_before, number, key)));
                return;
            }
            StepOutcome::Failed { failure } if live => Delivery::Failed(failure),
            StepOutcome::Failed { .. } => Delivery::Memo,
            StepOutcome::Succeeded { .. } => Delivery::Live,
        };
        if lanes == 0 {
            operation.phase = Phase::Ready(delivery);
            self.movable = true;
            return;
        }
        operation.phase = Phase::Parked(delivery);
        let entry = operation.entry;
        self.parked.insert(self.memos.order(entry), key);
    }

    /// Hands the result that was recorded first to its operation; `false` if none waits.
    pub(super) fn release_next(&mut self) -> bool {
        let Some((_, key)) = self.parked.pop_first() else { return false };
        if let Some(operation) = self.get_mut(key)
            && let Phase::Parked(delivery) = std::mem::replace(&mut operation.phase, Phase::Ended)
        {
            operation.phase = Phase::Ready(delivery);
            self.wake(key);
        }
        true
    }

    /// A result came from outside this session (a timer that fired in an engine): takes it in.
    pub(super) fn resolve(&mut self, id: &StepId, kind: OperationKind, result: MemoResult) {
        let memo = Memo::Done { kind, attempts: 1, result };
        self.memos.insert(id, memo);
        let Some(entry) = self.memos.entry(id) else { return };
        let order = self.memos.order(entry);
        if let Some(key) = self.find_waiting(entry)
            && let Some(operation) = self.get_mut(key)
        {
            let before = std::mem::replace(&mut operation.phase, Phase::Parked(Delivery::Memo));
            self.parked.insert(order, key);
            if let Phase::Offered(letter) = before {
                self.return_letter(*letter);
            }
        }
    }

    /// So many attempts of a step were made before.
    pub(super) fn set_attempts(&mut self, step: &StepId, attempts: u32) {
        let Some(entry) = self.memos.entry(step) else { return };
        if let Some(key) = self.find_waiting(entry)
            && let Some(operation) = self.get_mut(key)
        {
            operation.attempt = attempts.saturating_add(1);
        }
    }

    /// An open operation, as drivers see it.
    pub(super) fn describe(&self, key: SlotKey) -> Option<Operation> {
        self.describe_open(self.slots.get(key)?)
    }

    pub(super) fn describe_open(&self, operation: &OpenOperation) -> Option<Operation> {
        let id = self.memos.id(operation.entry).clone();
        let action = self.action(operation, &id)?;
        Some(Operation { id, location: operation.location, is_racing: operation.is_racing, action })
    }

    /// Makes everything that waits count as found again: another invocation asks anew.
    pub(super) fn find_again(&mut self) {
        let mut waiting: Vec<(u64, SlotKey)> = Vec::new();
        for (key, operation) in self.slots.iter_mut() {
            if operation.waits() && !matches!(operation.phase, Phase::Offered(_)) {
                operation.phase = Phase::Found;
                waiting.push((operation.number, key));
            }
        }
        self.post.expecting = 0;
        self.transactions = Transactions::default();
        waiting.sort_unstable();
        self.found.clear();
        self.found.extend(waiting.into_iter().map(|(_, key)| key));
    }

    /// The driver lets an operation go on: when its time comes, or at once.
    pub(super) fn allow(&mut self, key: SlotKey, waits: bool) {
        let Some(operation) = self.get_mut(key) else { return };
        if !matches!(operation.phase, Phase::Found) {
            return;
        }
        match operation.not_before {
            Some(time) if waits => {
                operation.phase = Phase::Due(time);
                let number = operation.number;
                self.timers.push(Reverse((time, number, key)));
            }
            _ if operation.remote.is_some() => {
                operation.phase = Phase::Expecting;
                self.post.expecting += 1;
            }
            _ => {
                self.let_start(key);
            }
        }
    }

    /// A step's body may begin.
    fn let_start(&mut self, key: SlotKey) {
        let Some(operation) = self.get_mut(key) else { return };
        operation.phase = Phase::Startable;
        if operation.transacts {
            self.transactions.waiting.push_back(key);
        }
        self.wake(key);
    }

    /// Lets everything move whose time has come.
    pub(super) fn fire_timers(&mut self, now: SystemTime) {
        while let Some(Reverse((time, _, key))) = self.timers.peek().copied()
            && time <= now
        {
            self.timers.pop();
            let Some(operation) = self.get_mut(key) else { continue };
            let kind = operation.kind;
            match (&operation.phase, kind) {
                (Phase::Due(due), OperationKind::Step) if *due == time => {
                    self.let_start(key);
                }
                (Phase::Due(due), _) if *due == time => {
                    // A sleep is over; a wait has waited in vain, and a child is not waited for any more.
                    if let Some(given_up) = self.describe(key).filter(|_| kind == OperationKind::Invoke) {
                        self.given_up.push(given_up);
                    }
                    let output = Json::encode(&()).ok();
                    if let Some(record) = self.ended_record(key, now, StepOutcome::Succeeded { output }) {
                        self.ended.push_back((key, record));
                    }
                    self.movable = true;
                }
                (Phase::Running { deadline: Some(deadline) }, _) if *deadline == time => {
                    operation.phase = Phase::TimedOut;
                    self.wake(key);
                }
                _ => {}
            }
        }
    }

    /// The next time at which something is due.
    pub(super) fn next_timer(&mut self) -> Option<SystemTime> {
        while let Some(Reverse((time, _, key))) = self.timers.peek().copied() {
            let current = self.get_mut(key).is_some_and(|operation| match operation.phase {
                Phase::Due(due) => due == time,
                Phase::Running { deadline } => deadline == Some(time),
                _ => false,
            });
            if current {
                return Some(time);
            }
            self.timers.pop();
        }
        None
    }

    /// When the run's time is over, if it is not ending already.
    pub(super) fn deadline(&self) -> Option<SystemTime> {
        let ending = self.compensating || self.cancel != Cancel::No;
        if ending { None } else { self.settings.deadline() }
    }

    /// Cancels the run if its time is over.
    pub(super) fn time_out_if_over(&mut self) {
        if let Some(deadline) = self.deadline()
            && deadline <= self.settings.host.now()
        {
            let timeout = self.settings.timeout.unwrap_or_default();
            self.request_cancel(format!("it timed out after {timeout:?}"), None);
        }
    }

    /// Everything that waits for the driver, in program order.
    pub(super) fn blocked(&self) -> Vec<Operation> {
        let mut waiting: Vec<&OpenOperation> = self.slots.iter().filter(|operation| operation.waits()).collect();
        waiting.sort_unstable_by_key(|operation| operation.number);
        waiting.into_iter().filter_map(|operation| self.describe_open(operation)).collect()
    }

    /// Whether no operation is being awaited.
    pub(super) fn awaits_nothing(&self) -> bool {
        self.slots.iter().all(|operation| matches!(operation.phase, Phase::Delivered))
    }

    /// Whether something could go on in another invocation, although nothing new arrives.
    pub(super) fn is_cut_short(&self) -> bool {
        let is_unasked = |key: &SlotKey| self.slots.get(*key).is_some();
        let mut operations = self.slots.iter();
        operations.any(|operation| matches!(operation.phase, Phase::Parked(_) | Phase::Ready(_)))
            || !self.cancel.lets_go_on()
            || self.found.iter().any(is_unasked)
    }

    pub(super) fn running_any(&self) -> bool {
        self.running > 0
    }

    fn find_waiting(&mut self, entry: EntryKey) -> Option<SlotKey> {
        self.slots.iter_mut().find(|(_, operation)| operation.entry == entry && operation.waits()).map(|(key, _)| key)
    }

    /// Looks for recorded operations that the workflow did not come to.
    pub(super) fn note_not_met(&mut self) {
        let steps = self.memos.not_met();
        if !steps.is_empty() {
            self.divergences.push(Divergence::NotMet { steps });
        }
    }

    /// What is to happen for an operation; `None` for one that needs nobody.
    fn action(&self, operation: &OpenOperation, id: &StepId) -> Option<Action> {
        let (since, until) = (operation.started_at, operation.not_before);
        Some(match (operation.kind, operation.remote.as_deref()) {
            (OperationKind::Step, _) => Action::Run {
                attempt: operation.attempt,
                not_before: operation.not_before,
                retry: operation.retry,
                timeout: operation.timeout,
            },
            (OperationKind::Value, _) if self.settings.asks_for_values => Action::Value,
            (OperationKind::Sleep, _) => {
                Action::Sleep { since, until: until.unwrap_or(since), is_dated: operation.is_dated }
            }
            (_, Some(Remote::WaitForSignal { name, .. })) => Action::WaitForSignal { name: name.clone(), since, until },
            (_, Some(Remote::WaitForEvent { event, .. })) => {
                Action::WaitForEvent { event: event.clone(), since, until }
            }
            (_, Some(Remote::SendSignal { run, name, payload, sent_as })) => {
                Action::SendSignal { run: run.clone(), name: name.clone(), payload: payload.clone(), sent_as }
            }
            (_, Some(Remote::SendEvent { name, payload })) => {
                Action::SendEvent { name: name.clone(), payload: payload.clone() }
            }
            (_, Some(Remote::SendEvents(events))) => Action::SendEvents { events: events.clone() },
            (_, Some(Remote::Invoke { workflow, run, input, detached, .. })) => Action::Invoke {
                workflow: workflow.clone(),
                run: run.clone().unwrap_or_else(|| RunId::from(format!("{}/{id}", self.settings.run.id))),
                input: input.clone(),
                detached: *detached,
                since,
                until,
            },
            (_, Some(Remote::Refused { .. }) | None) => return None,
        })
    }
}
