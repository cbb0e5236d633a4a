//! A session's state, as the workflow's code uses it: operations are made, awaited, ended and dropped.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, SystemTime};

use super::cancel::{Cancel, Registered};
use super::dialogue::Dialogue;
use super::divergence::Divergence;
use super::id::RunId;
use super::mail::{Inbox, Letter, Mail};
use super::memo::{Dialect, EntryKey, Memo, MemoResult, Memos};
use super::open::{
    Delivery, Handle, Met, Offer, OpenOperation, OperationSpec, Phase, Remote, Start, StepSpec, Turn, Wait,
};
use super::operation::{Operation, OperationKind};
use super::post::Post;
use super::retry::RetryPolicy;
use super::session::RunInfo;
use super::slots::{SlotKey, Slots};
use super::transactions::Transactions;
use crate::error::StepError;
use crate::failure::Failure;
use crate::host::Host;
use crate::record::{StepOutcome, StepRecord};
use crate::value::{Json, JsonError};

/// A wait longer than the clock can tell ends after this time: about 300 years.
const FOREVER: Duration = Duration::from_secs(300 * 365 * 24 * 3600);

pub(crate) struct State {
    pub(super) settings: Settings,
    pub(super) memos: Memos,
    pub(super) slots: Slots,
    awaited: u64,
    /// How many `join!`s and `race!`s are being awaited.
    pub(super) lanes: u32,
    /// How many `race!`s are being polled, one within the other.
    racing: u32,
    /// Whether this pass has come to a `race!`.
    pub(super) has_raced: bool,
    /// Operations found since the driver was last asked.
    pub(super) found: Vec<SlotKey>,
    /// Results that wait for their turn, by their place in the order of recording.
    pub(super) parked: BTreeMap<u32, SlotKey>,
    /// Operations that ended since the driver was last told.
    pub(super) ended: VecDeque<(SlotKey, StepRecord)>,
    pub(super) running: u32,
    /// Times at which something is due, with the number of the operation: at one time, the first to be awaited comes first. An entry
    /// may be stale.
    pub(super) timers: BinaryHeap<Reverse<(SystemTime, u64, SlotKey)>>,
    pub(super) divergences: Vec<Divergence>,
    pub(super) dialogue: Dialogue,
    pub(super) post: Post,
    pub(super) transactions: Transactions,
    pub(super) cancel: Cancel,
    /// What undoes the effects so far.
    pub(super) undos: Vec<Registered>,
    /// Whether the workflow's code has ended for good, and its effects are being undone.
    pub(super) compensating: bool,
    /// The place of the last result that the workflow was given.
    pub(super) last_delivered: u32,
    /// Operations that others carry out, and that the workflow dropped before their end.
    pub(super) given_up: Vec<Operation>,
    /// Whether an operation became able to move since the workflow was last polled.
    pub(super) movable: bool,
    /// What this pass came to, where that is noted.
    pub(super) trace: Option<Vec<Met>>,
}

/// What stays the same for a session.
pub(super) struct Settings {
    pub(super) session: u64,
    pub(super) run: RunInfo,
    pub(super) host: Arc<dyn Host>,
    /// Whether results are handed on as they are, and nothing is encoded.
    pub(super) live: bool,
    pub(super) keep_values: bool,
    /// Whether values of the host wait to be asked for, as steps do.
    pub(super) asks_for_values: bool,
    pub(super) retry: RetryPolicy,
    /// How often the workflow's own failure begins it anew.
    pub(super) run_retries: u32,
    /// How long the run may take, from its start.
    pub(super) timeout: Option<Duration>,
}

impl Settings {
    /// When the run's time is over.
    pub(super) fn deadline(&self) -> Option<SystemTime> {
        self.timeout.map(|timeout| time_after(self.run.started_at, timeout))
    }
}

impl State {
    pub(super) fn new(settings: Settings, mut memos: Memos, inbox: Inbox) -> State {
        memos.begin_pass();
        let mut state = State {
            settings,
            memos,
            slots: Slots::default(),
            awaited: 0,
            lanes: 0,
            racing: 0,
            has_raced: false,
            found: Vec::new(),
            parked: BTreeMap::new(),
            ended: VecDeque::new(),
            running: 0,
            timers: BinaryHeap::new(),
            divergences: Vec::new(),
            dialogue: Dialogue::default(),
            post: Post::new(inbox),
            transactions: Transactions::default(),
            cancel: Cancel::No,
            undos: Vec::new(),
            compensating: false,
            last_delivered: 0,
            given_up: Vec::new(),
            movable: true,
            trace: None,
        };
        state.recall_cancel();
        state
    }

    /// The workflow's code came to an operation: says in which session, and which one it is.
    pub(super) fn meet(
        &mut self,
        name: &str,
        location: &'static Location<'static>,
        spec: &OperationSpec,
    ) -> (u64, EntryKey) {
        let entry = self.memos.meet(name);
        self.memos.read(entry, spec.kind());
        if let Some(trace) = &mut self.trace {
            let input = match spec {
                OperationSpec::Step(Some(step)) => step.input.clone(),
                _ => None,
            };
            trace.push(Met { id: self.memos.id(entry).clone(), kind: spec.kind(), location, input });
        }
        (self.settings.session, entry)
    }

    pub(crate) fn run_id(&self) -> &RunId {
        &self.settings.run.id
    }

    pub(crate) fn keeps_values(&self) -> bool {
        self.settings.keep_values
    }

    pub(crate) fn is_replaying(&self) -> bool {
        self.memos.is_replaying()
    }

    /// The operation is polled: says what it has to do.
    pub(crate) fn poll(&mut self, handle: &mut Handle, waker: &Waker) -> Turn {
        if handle.session != self.settings.session {
            return Turn::Pending;
        }
        if handle.spec.is_some()
            && let Some(turn) = self.await_first(handle)
        {
            return turn;
        }
        // Where only one place can go on, the whole workflow is polled, and nobody has to be woken.
        let (lanes, taking, is_given) = (self.lanes, self.post.taking, !self.settings.asks_for_values);
        let Some((key, operation)) = self.held(handle) else { return Turn::Pending };
        if lanes > 0 {
            match &mut operation.waker {
                Some(old) => old.clone_from(waker),
                none => *none = Some(waker.clone()),
            }
        }
        match operation.phase {
            Phase::Ready(_) => self.deliver(key),
            Phase::Startable if operation.kind == OperationKind::Value => self.take(key),
            Phase::Startable => self.start(key),
            Phase::Running { .. } => Turn::Poll,
            Phase::TimedOut => Turn::TimedOut(operation.timeout.unwrap_or_default()),
            // Others may be ahead where more than one place can go on.
            Phase::Offered(_) if lanes == 0 || taking == Some(key) => self.take(key),
            Phase::Found if is_given && operation.kind == OperationKind::Value => self.take(key),
            _ => Turn::Pending,
        }
    }

    /// Whether the result of an operation that was made to be polled at once is recorded, and nothing else can go on.
    pub(crate) fn has_recorded(&self, handle: &Handle) -> bool {
        let kind = handle.spec.as_ref().map(OperationSpec::kind);
        let is_recorded =
            matches!(self.memos.memo(handle.entry), Some(Memo::Done { kind: recorded, .. }) if Some(*recorded) == kind);
        is_recorded && self.lanes == 0 && handle.session == self.settings.session
    }

    /// The body ended: with a value, encoded if need be, or with an error. Returns whether to poll again.
    pub(crate) fn end(&mut self, handle: &Handle, result: Result<Option<Json>, Failure>) -> bool {
        let Some((key, operation)) = self.held(handle) else { return false };
        let offered = match std::mem::replace(&mut operation.phase, Phase::Ended) {
            Phase::Running { .. } | Phase::TimedOut => {
                self.running = self.running.saturating_sub(1);
                None
            }
            Phase::Offered(letter) => Some(*letter),
            _ => None,
        };
        if let Some(letter) = offered {
            self.use_letter(key, letter, result.is_ok());
        }
        let ended_at = self.settings.host.now();
        let outcome = match result {
            Ok(output) => StepOutcome::Succeeded { output },
            Err(failure) => self.failed(key, failure, ended_at),
        };
        let Some(record) = self.ended_record(key, ended_at, outcome) else { return false };
        let was_transaction = self.transactions.end(key);
        if self.deadline().is_some_and(|deadline| deadline <= ended_at) {
            // The run may never come to rest, where its time is looked at otherwise.
            self.time_out_if_over();
        }
        if !self.can_talk() {
            if was_transaction {
                // What ended meanwhile is recorded after it, as it may be committed already.
                self.ended.push_front((key, record));
            } else {
                self.ended.push_back((key, record));
            }
            return false;
        }
        self.tell_of(key, record);
        self.can_talk()
    }

    /// The value that is recorded of an operation.
    pub(crate) fn recorded_value(&self, handle: &Handle) -> Option<&Json> {
        match self.memos.memo(handle.entry) {
            Some(Memo::Done { result: MemoResult::Value(json), .. }) => Some(json),
            _ => None,
        }
    }

    /// The recorded value does not decode.
    pub(crate) fn undecodable(&mut self, handle: &Handle, problem: JsonError) {
        let step = self.memos.id(handle.entry).clone();
        self.divergences.push(Divergence::OtherType { step, problem, location: handle.location });
    }

    /// How the engine writes that has recorded the run, if one has: what comes to it from outside is recorded before anybody has looked at its type.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        self.memos.dialect()
    }

    /// What came from outside is not of the type that is waited for.
    pub(crate) fn misfit(&self, handle: &Handle, failure: Failure) -> StepError {
        StepError::of_step(self.memos.id(handle.entry).clone(), 1, failure.into_fatal())
    }

    /// The workflow's code dropped the operation, finished or not.
    pub(super) fn close(&mut self, session: u64, key: SlotKey) {
        if session != self.settings.session {
            return;
        }
        self.transactions.end(key);
        let Some(operation) = self.get_mut(key) else { return };
        if operation.remote.is_some() {
            return self.close_remote(key);
        }
        let entry = operation.entry;
        match operation.phase {
            Phase::Running { .. } | Phase::TimedOut => self.running = self.running.saturating_sub(1),
            Phase::Parked(_) => {
                self.parked.remove(&self.memos.order(entry));
            }
            _ => {}
        }
        self.slots.remove(key);
    }

    fn close_remote(&mut self, key: SlotKey) {
        let Some(operation) = self.slots.take(key) else { return };
        match operation.phase {
            Phase::Parked(_) => {
                self.parked.remove(&self.memos.order(operation.entry));
            }
            _ => {
                if operation.waits()
                    && matches!(operation.kind, OperationKind::WaitForEvent | OperationKind::Invoke)
                    && let Some(described) = self.describe_open(&operation)
                {
                    self.given_up.push(described);
                }
                self.expects_no_more(operation);
            }
        }
    }

    /// A `join!` or `race!` begins to be awaited: from now on more than one place of the workflow can go on.
    pub(crate) fn enter_lanes(&mut self) {
        self.lanes += 1;
    }

    /// A `join!` or `race!` is over.
    pub(crate) fn leave_lanes(&mut self) {
        self.lanes = self.lanes.saturating_sub(1);
    }

    /// The arms of a `race!` begin to be polled.
    pub(crate) fn enter_race(&mut self) {
        self.racing += 1;
        self.has_raced = true;
    }

    /// The arms of a `race!` have been polled.
    pub(crate) fn leave_race(&mut self) {
        self.racing = self.racing.saturating_sub(1);
    }

    fn held(&mut self, handle: &Handle) -> Option<(SlotKey, &mut OpenOperation)> {
        let key = handle.slot.filter(|_| handle.session == self.settings.session)?;
        Some((key, self.get_mut(key)?))
    }

    fn insert(&mut self, handle: &Handle, kind: OperationKind) -> SlotKey {
        self.awaited += 1;
        self.slots.insert(OpenOperation {
            entry: handle.entry,
            kind,
            location: handle.location,
            retry: self.settings.retry,
            timeout: None,
            input: None,
            transacts: false,
            #[cfg(feature = "testing")]
            has_undo: false,
            not_before: None,
            is_dated: false,
            is_racing: self.racing > 0,
            remote: None,
            used: None,
            succeeded: false,
            attempt: 1,
            started_at: SystemTime::UNIX_EPOCH,
            number: self.awaited,
            phase: Phase::Found,
            waker: None,
        })
    }

    pub(super) fn get_mut(&mut self, key: SlotKey) -> Option<&mut OpenOperation> {
        self.slots.get_mut(key)
    }

    /// The operation is awaited for the first time; returns its recorded result if it may have that at once.
    fn await_first(&mut self, handle: &mut Handle) -> Option<Turn> {
        let entry = handle.entry;
        let kind = handle.spec.as_ref()?.kind();
        match self.memos.memo(entry) {
            Some(Memo::Done { kind: recorded, .. }) if *recorded == kind => {
                // A replay does not look into what the code says: moving it around would be half of its time.
                handle.spec = None;
                if self.lanes == 0 {
                    self.last_delivered = self.memos.order(entry);
                    return Some(self.recorded(entry));
                }
                // The order of recording decides who goes on first, as it did when it was recorded.
                let key = self.insert(handle, kind);
                handle.slot = Some(key);
                self.parked.insert(self.memos.order(entry), key);
                self.get_mut(key)?.phase = Phase::Parked(Delivery::Memo);
                return None;
            }
            Some(Memo::Done { kind: recorded, .. }) => {
                let (step, recorded) = (self.memos.id(entry).clone(), *recorded);
                let location = handle.location;
                self.divergences.push(Divergence::OtherKind { step, recorded, met: kind, location });
            }
            _ => {}
        }
        let spec = handle.spec.take()?;
        let key = self.insert(handle, kind);
        handle.slot = Some(key);
        self.specify(key, spec);
        let is_given = kind == OperationKind::Value && !self.settings.asks_for_values;
        if is_given || matches!(self.get_mut(key)?.phase, Phase::Offered(_)) {
            return None;
        }
        if self.can_talk() {
            self.check_all_met();
            if self.divergences.is_empty() {
                self.ask_about(key);
                return None;
            }
        }
        self.found.push(key);
        None
    }

    /// Takes over what the code and the memos say of an operation that was found.
    fn specify(&mut self, key: SlotKey, spec: OperationSpec) {
        let Settings { retry: default, host, .. } = &self.settings;
        let Some(operation) = self.slots.get_mut(key) else { return };
        let memo = self.memos.memo(operation.entry);
        match spec {
            OperationSpec::Step(step) => {
                let step = step.map_or_else(StepSpec::default, |step| *step);
                operation.retry = RetryPolicy {
                    retries: step.retries.unwrap_or(default.retries),
                    backoff: step.backoff.unwrap_or(default.backoff),
                };
                operation.timeout = step.timeout;
                operation.input = step.input;
                operation.transacts = step.transacts;
                #[cfg(feature = "testing")]
                {
                    operation.has_undo = step.has_undo;
                }
                if let Some(Memo::Retrying { attempts, not_before }) = memo {
                    operation.attempt = attempts.saturating_add(1);
                    operation.not_before = Some(*not_before);
                }
            }
            OperationSpec::Sleep(wait) => self.begin_wait(key, Some(wait)),
            OperationSpec::Value => operation.started_at = host.now(),
            OperationSpec::Remote(remote) => match *remote {
                Remote::Refused { failure, .. } => {
                    operation.started_at = host.now();
                    let id = self.memos.id(operation.entry).clone();
                    let mail = Mail::Answer { id, result: MemoResult::Error(failure) };
                    self.offer(key, Letter { number: 0, mail });
                }
                ref asked => {
                    let timeout = asked.timeout();
                    operation.remote = Some(remote);
                    self.begin_wait(key, timeout);
                    self.expect_mail(key);
                }
            },
        }
    }

    /// A wait begins, or goes on that began before.
    fn begin_wait(&mut self, key: SlotKey, wait: Option<Wait>) {
        let now = self.settings.host.now();
        let Some(operation) = self.slots.get_mut(key) else { return };
        let entry = operation.entry;
        let (since, until) = match (self.memos.memo(entry), wait) {
            (Some(Memo::Waiting { since, until }), _) => (*since, Some(*until)),
            (_, None) => (now, None),
            (_, Some(Wait::For(length))) => (now, Some(time_after(now, length))),
            (_, Some(Wait::Until(time))) => (now, Some(time)),
        };
        (operation.started_at, operation.not_before) = (since, until);
        operation.is_dated = matches!(wait, Some(Wait::Until(_)));
        if let Some(until) = until {
            self.memos.set(entry, Memo::Waiting { since, until });
        }
    }

    /// Shows an operation what it can end with.
    fn take(&mut self, key: SlotKey) -> Turn {
        let Settings { host, live, keep_values, .. } = &self.settings;
        let encode = *keep_values || !live;
        let Some(operation) = self.slots.get(key) else { return Turn::Pending };
        let (result, sent_as) = match &operation.phase {
            Phase::Offered(letter) => match &letter.mail {
                Mail::Signal { payload, sent_as, .. } => (Some(MemoResult::Value(payload.clone())), sent_as.clone()),
                Mail::Answer { result, .. } => (Some(result.clone()), None),
                Mail::Cancel { .. } => (None, None),
            },
            _ => (None, None),
        };
        let host = (operation.kind == OperationKind::Value).then(|| (host.now(), host.random(), host.random()));
        Turn::Take(Offer { host, result, sent_as, encode })
    }

    /// The operation ends with a letter. A signal that it could not read stays, for a wait that can.
    fn use_letter(&mut self, key: SlotKey, letter: Letter, readable: bool) {
        if !readable && matches!(letter.mail, Mail::Signal { .. }) {
            self.return_letter(letter);
        } else if letter.number > 0
            && let Some(operation) = self.get_mut(key)
        {
            operation.used = Some(letter.number);
        }
    }

    /// The recorded result of an operation.
    fn recorded(&self, entry: EntryKey) -> Turn {
        match self.memos.memo(entry) {
            // A replay spends its time here: the value is not touched before it is decoded.
            Some(Memo::Done { result: MemoResult::Value(_), .. }) => Turn::Recorded,
            Some(Memo::Done { result: MemoResult::Error(failure), attempts, .. }) => {
                Turn::Failed(StepError::of_step(self.memos.id(entry).clone(), *attempts, failure.clone()))
            }
            _ => Turn::Pending,
        }
    }

    fn start(&mut self, key: SlotKey) -> Turn {
        if self.get_mut(key).is_some_and(|operation| operation.transacts) && !self.has_turn(key) {
            return Turn::Pending;
        }
        let now = self.settings.host.now();
        let Settings { run, live, keep_values, .. } = &self.settings;
        let Some(operation) = self.slots.get_mut(key) else { return Turn::Pending };
        let (number, deadline) = (operation.number, operation.timeout.map(|timeout| time_after(now, timeout)));
        operation.started_at = now;
        operation.phase = Phase::Running { deadline };
        self.running += 1;
        if let Some(deadline) = deadline {
            self.timers.push(Reverse((deadline, number, key)));
        }
        let transacts = operation.transacts;
        let step = self.memos.id(operation.entry).as_str();
        let span = tracing::info_span!(
            target: "owf",
            "step",
            run = run.id.as_str(),
            workflow = run.workflow,
            step,
            attempt = operation.attempt,
        );
        let encode = *keep_values || !live;
        Turn::Start(Start {
            span,
            encode,
            provided: if transacts { self.begin_transaction(key) } else { None },
            #[cfg(feature = "testing")]
            mocked: self.tell_begins(key),
        })
    }

    fn deliver(&mut self, key: SlotKey) -> Turn {
        let Some(operation) = self.slots.get_mut(key) else { return Turn::Pending };
        let entry = operation.entry;
        self.last_delivered = self.memos.order(entry);
        match std::mem::replace(&mut operation.phase, Phase::Delivered) {
            Phase::Ready(Delivery::Live) => Turn::Live,
            Phase::Ready(Delivery::Failed(failure)) => {
                Turn::Failed(StepError::of_step(self.memos.id(entry).clone(), operation.attempt, failure))
            }
            _ => self.recorded(entry),
        }
    }

    /// Decides whether a failed attempt is followed by another.
    fn failed(&mut self, key: SlotKey, failure: Failure, now: SystemTime) -> StepOutcome {
        let random = self.settings.host.random();
        let Some(operation) = self.get_mut(key) else { return StepOutcome::Failed { failure } };
        let is_last = operation.kind != OperationKind::Step || operation.attempt > operation.retry.retries;
        if failure.is_fatal() || is_last {
            return StepOutcome::Failed { failure };
        }
        let delay = failure.retry_after().unwrap_or_else(|| operation.retry.backoff.delay(operation.attempt, random));
        StepOutcome::Retrying { failure, not_before: time_after(now, delay) }
    }

    /// Notes that the operation ended, and makes its record.
    pub(super) fn ended_record(
        &mut self,
        key: SlotKey,
        ended_at: SystemTime,
        outcome: StepOutcome,
    ) -> Option<StepRecord> {
        let operation = self.slots.get_mut(key)?;
        operation.phase = Phase::Ended;
        operation.succeeded = matches!(outcome, StepOutcome::Succeeded { .. });
        Some(StepRecord {
            id: self.memos.id(operation.entry).clone(),
            kind: operation.kind,
            attempt: operation.attempt,
            started_at: operation.started_at,
            ended_at,
            location: operation.location.into(),
            input: operation.input.clone(),
            mail: operation.used,
            is_undo: self.compensating,
            outcome,
        })
    }

    /// Wakes whoever awaits the operation, after its phase was changed.
    pub(super) fn wake(&mut self, key: SlotKey) {
        self.movable = true;
        if self.lanes > 0
            && let Some(operation) = self.get_mut(key)
            && let Some(waker) = &operation.waker
        {
            waker.wake_by_ref();
        }
    }
}

/// A time, or one far in the future where the clock cannot tell it.
pub(crate) fn time_after(time: SystemTime, wait: Duration) -> SystemTime {
    time.checked_add(wait).unwrap_or(time + FOREVER)
}
