//! What a session and its driver say to each other: what was found, what ended, and how it goes on.
//!
//! Where the workflow can go on in one place only, the driver is asked and told from within the poll of the step itself; a driver
//! that answers at once then costs no further pass through the workflow's code. Everything else goes through the session's loop.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

#[cfg(feature = "testing")]
use super::id::StepId;
#[cfg(feature = "testing")]
use super::memo::MemoResult;
use super::open::Provided;
use super::operation::Operation;
use super::session::RunInfo;
use super::slots::SlotKey;
use super::state::State;
use crate::driver::{FlowControl, Hook};
use crate::error::DriverError;
use crate::record::StepRecord;
use crate::value::Json;

/// Who answers.
pub(crate) trait Hooks: Send {
    /// These were found; may they go on?
    fn found(&mut self, run: &RunInfo, found: &[Operation]) -> Hook;

    /// Whether this one may go on, when `found` says `Continue`.
    fn lets(&self, operation: &Operation) -> bool;

    /// Whether operations wait for their time in this invocation; if not, they go on at once.
    fn waits(&self) -> bool;

    /// A step's body is about to begin: what stands in its place, if anything does.
    #[cfg(feature = "testing")]
    fn begins(&mut self, run: &RunInfo, attempt: &Attempt<'_>) -> Option<MemoResult>;

    /// A step's body is about to begin that writes to the driver's database, and commits its record together with that: what it gets for
    /// it, where there is such a database.
    fn provides(&mut self, run: &RunInfo, step: StepRecord) -> Option<Provided>;

    /// This one ended.
    fn executed(&mut self, run: &RunInfo, step: &StepRecord) -> Hook;

    /// These were dropped before their end, and nobody waits for them any more.
    fn given_up(&mut self, run: &RunInfo, operations: &[Operation]);

    /// The workflow says how far it is.
    fn details(&mut self, run: &RunInfo, details: &Json);

    /// Nothing moves until something happens that is waited for. `Ready` ends the invocation, `Pending` waits; called again after each
    /// thing that happens.
    fn idle(&mut self, idle: &Idle, cx: &mut Context<'_>) -> Poll<Result<(), DriverError>>;

    /// The last one that ended, where that is kept.
    fn ran(&mut self) -> Option<StepRecord>;
}

/// What an invocation in which nothing moves waits for.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "the in-memory drivers wait for whatever it is"))]
pub(crate) struct Idle {
    /// Whether a step's body is running, or an answer of the driver outstanding.
    pub(crate) is_running: bool,
    /// Whether mail is waited for.
    pub(crate) expects_mail: bool,
    /// When the next operation goes on by itself, of those that may.
    pub(crate) next_timer: Option<SystemTime>,
}

/// An attempt of a step that is about to be made.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The step.
    pub step: &'a StepId,
    /// The number of the attempt, from 1.
    pub number: u32,
    /// Whether the step says how it is undone.
    pub has_undo: bool,
}

/// An invocation's dialogue with its driver.
#[derive(Default)]
pub(super) struct Dialogue {
    hooks: Option<Box<dyn Hooks>>,
    /// What ended, with the answer outstanding, in the order of recording.
    telling: VecDeque<(SlotKey, StepRecord, Hook)>,
    /// What was found, with the answer outstanding.
    asked: Vec<Operation>,
    asked_keys: Vec<SlotKey>,
    asking: Option<Hook>,
    /// Whether the driver wants the invocation to end.
    pub(super) interrupted: bool,
    /// How many operations ended in this invocation.
    pub(super) told: u64,
    pub(super) error: Option<DriverError>,
    met_checked: bool,
}

impl State {
    /// Begins an invocation's dialogue.
    pub(super) fn begin_dialogue(&mut self, hooks: Box<dyn Hooks>) {
        self.dialogue = Dialogue { hooks: Some(hooks), ..Dialogue::default() };
    }

    /// Ends it: how many operations ended, and the last of them where that is kept.
    pub(super) fn end_dialogue(&mut self) -> (u64, Option<StepRecord>) {
        let mut dialogue = std::mem::take(&mut self.dialogue);
        (dialogue.told, dialogue.hooks.as_mut().and_then(|hooks| hooks.ran()))
    }

    /// Whether nothing is outstanding.
    pub(super) fn all_heard(&self) -> bool {
        self.dialogue.telling.is_empty() && self.dialogue.asking.is_none()
    }

    /// Whether every recorded result was told of and answered.
    pub(super) fn all_told(&self) -> bool {
        self.dialogue.telling.is_empty()
    }

    /// Whether the driver can be asked and told from within a step.
    pub(super) fn can_talk(&self) -> bool {
        let Dialogue { hooks, interrupted, error, .. } = &self.dialogue;
        self.lanes == 0
            && hooks.is_some()
            && !interrupted
            && error.is_none()
            && self.cancel.lets_go_on()
            // It may be the wish to cancel the run, which would go on to its end otherwise if no step of it ever waits.
            && !self.post.has_news()
            && self.all_heard()
            && self.transactions.running.is_none()
            && self.divergences.is_empty()
    }

    /// Says that an attempt of a step is about to begin; what stands in its place, if anything does.
    #[cfg(feature = "testing")]
    pub(super) fn tell_begins(&mut self, key: SlotKey) -> Option<MemoResult> {
        let operation = self.get_mut(key)?;
        let (entry, number, has_undo) = (operation.entry, operation.attempt, operation.has_undo);
        let attempt = Attempt { step: self.memos.id(entry), number, has_undo };
        self.dialogue.hooks.as_mut()?.begins(&self.settings.run, &attempt)
    }

    /// What the driver gives to a step that writes to its database.
    pub(super) fn ask_provided(&mut self, step: StepRecord) -> Option<Provided> {
        self.dialogue.hooks.as_mut()?.provides(&self.settings.run, step)
    }

    /// Tells the driver of everything that ended. While a transaction runs, its place in the record is the next.
    pub(super) fn tell(&mut self) {
        while self.dialogue.error.is_none()
            && self.transactions.running.is_none()
            && let Some((key, record)) = self.ended.pop_front()
        {
            self.tell_of(key, record);
        }
    }

    /// Tells the driver of an operation that ended.
    pub(super) fn tell_of(&mut self, key: SlotKey, record: StepRecord) {
        self.record(key, &record);
        let Dialogue { hooks: Some(hooks), telling, told, .. } = &mut self.dialogue else { return };
        *told += 1;
        let mut hook = hooks.executed(&self.settings.run, &record);
        // The common case of an answer that is there at once needs no queue.
        match hook.take_now() {
            Some(answer) if telling.is_empty() => self.hear_told(key, record, answer),
            Some(answer) => telling.push_back((key, record, Hook::now(answer))),
            None => telling.push_back((key, record, hook)),
        }
    }

    /// Asks the driver about the one operation that was found.
    pub(super) fn ask_about(&mut self, key: SlotKey) {
        let Some(operation) = self.describe(key) else { return };
        let Dialogue { hooks: Some(hooks), asked, asked_keys, asking, .. } = &mut self.dialogue else { return };
        let mut hook = hooks.found(&self.settings.run, std::slice::from_ref(&operation));
        match hook.take_now() {
            Some(Ok(FlowControl::Continue)) => {
                if hooks.lets(&operation) {
                    let waits = hooks.waits();
                    self.allow(key, waits);
                }
            }
            Some(answer) => {
                self.accept(answer);
            }
            None => {
                (*asked_keys, *asked) = (vec![key], vec![operation]);
                *asking = Some(hook);
            }
        }
    }

    /// Asks the driver about everything that was found; `true` if its answer was there at once.
    pub(super) fn ask(&mut self) -> bool {
        if self.dialogue.asking.is_some() || self.found.is_empty() {
            return false;
        }
        let keys = std::mem::take(&mut self.found);
        let (keys, operations) = keys.into_iter().filter_map(|key| Some((key, self.describe(key)?))).unzip();
        let Dialogue { hooks, asked, asked_keys, asking, .. } = &mut self.dialogue;
        (*asked_keys, *asked) = (keys, operations);
        let Some(hooks) = hooks.as_mut().filter(|_| !asked.is_empty()) else { return false };
        let mut hook = hooks.found(&self.settings.run, asked);
        match hook.take_now() {
            Some(answer) => self.hear_asked(answer),
            None => *asking = Some(hook),
        }
        self.dialogue.asking.is_none()
    }

    /// Takes in the answers that have come; `true` if one did.
    pub(super) fn hear(&mut self, cx: &mut Context<'_>) -> bool {
        for (_, _, hook) in &mut self.dialogue.telling {
            hook.poll_to_now(cx);
        }
        let mut heard = false;
        while let Some((_, _, hook)) = self.dialogue.telling.front_mut()
            && let Some(answer) = hook.take_now()
            && let Some((key, record, _)) = self.dialogue.telling.pop_front()
        {
            self.hear_told(key, record, answer);
            heard = true;
        }
        if let Some(asking) = &mut self.dialogue.asking
            && let Poll::Ready(answer) = Pin::new(asking).poll(cx)
        {
            self.dialogue.asking = None;
            self.hear_asked(answer);
            heard = true;
        }
        heard
    }

    fn hear_told(&mut self, key: SlotKey, record: StepRecord, answer: Result<FlowControl, DriverError>) {
        if self.accept(answer).is_some() {
            self.settle(key, record);
        }
    }

    fn hear_asked(&mut self, answer: Result<FlowControl, DriverError>) {
        if self.accept(answer) != Some(FlowControl::Continue) {
            return;
        }
        let Some(hooks) = self.dialogue.hooks.take() else { return };
        let waits = hooks.waits();
        for position in 0..self.dialogue.asked.len() {
            if hooks.lets(&self.dialogue.asked[position]) {
                self.allow(self.dialogue.asked_keys[position], waits);
            }
        }
        self.dialogue.hooks = Some(hooks);
    }

    /// Asks the driver whether the invocation goes on waiting.
    pub(super) fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DriverError>> {
        let next_timer = self.next_timer();
        let is_running = self.running_any() || !self.all_heard();
        let idle = Idle { is_running, expects_mail: self.post.expecting > 0, next_timer };
        let Some(hooks) = &mut self.dialogue.hooks else { return Poll::Pending };
        hooks.idle(&idle, cx)
    }

    fn accept(&mut self, answer: Result<FlowControl, DriverError>) -> Option<FlowControl> {
        match answer {
            Ok(flow) => {
                self.dialogue.interrupted |= flow == FlowControl::Interrupt;
                Some(flow)
            }
            Err(error) => {
                self.dialogue.error.get_or_insert(error);
                None
            }
        }
    }

    /// Says of what was dropped that it is.
    pub(super) fn tell_given_up(&mut self) {
        if !self.given_up.is_empty()
            && let Some(hooks) = &mut self.dialogue.hooks
        {
            hooks.given_up(&self.settings.run, &std::mem::take(&mut self.given_up));
        }
    }

    /// The workflow says how far it is; a replay has said so before.
    pub(crate) fn set_details(&mut self, details: &Json) {
        if !self.is_replaying()
            && let Some(hooks) = &mut self.dialogue.hooks
        {
            hooks.details(&self.settings.run, details);
        }
    }

    /// Looks, once in an invocation, for recorded operations that the workflow did not come to.
    pub(super) fn check_all_met(&mut self) {
        if !std::mem::replace(&mut self.dialogue.met_checked, true) {
            self.note_not_met();
        }
    }
}
