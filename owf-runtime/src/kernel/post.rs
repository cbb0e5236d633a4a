//! A session's mail: what has arrived and was not used yet, who waits for it, and who gets it.

use std::collections::{HashMap, VecDeque};

use super::id::StepId;
use super::mail::{Inbox, Letter, Mail};
use super::memo::EntryKey;
use super::open::{OpenOperation, Phase, Remote};
use super::slots::SlotKey;
use super::state::State;

/// Letters and those who wait for them. A wait may be stale: its operation is gone, or has what it waited for.
#[derive(Default)]
pub(super) struct Post {
    pub(super) inbox: Inbox,
    /// The number of the last letter that was read.
    read: u64,
    signals: HashMap<String, VecDeque<Letter>>,
    /// In the order in which they were awaited.
    signal_waits: HashMap<String, VecDeque<SlotKey>>,
    results: HashMap<StepId, Letter>,
    result_waits: HashMap<EntryKey, SlotKey>,
    /// Operations whose mail is there, in the order in which it came to them.
    offered: VecDeque<SlotKey>,
    /// The one that may take its mail now.
    pub(super) taking: Option<SlotKey>,
    /// How many operations wait for mail alone.
    pub(super) expecting: u32,
}

impl Post {
    pub(super) fn new(inbox: Inbox) -> Post {
        Post { inbox, ..Post::default() }
    }

    /// Whether something arrived that was not read.
    pub(super) fn has_news(&self) -> bool {
        self.inbox.has_after(self.read)
    }
}

impl State {
    /// Takes in what arrived; `true` if something did that an operation waits for, or that cancels the run.
    pub(super) fn read_mail(&mut self) -> bool {
        let mut moved = false;
        for letter in self.post.inbox.after(self.post.read) {
            self.post.read = letter.number;
            match &letter.mail {
                Mail::Signal { name, .. } => {
                    let name = name.clone();
                    self.post.signals.entry(name.clone()).or_default().push_back(letter);
                    moved |= self.match_signals(&name);
                }
                Mail::Answer { id, .. } => {
                    let id = id.clone();
                    self.post.results.insert(id.clone(), letter);
                    moved |= self.match_result(&id);
                }
                Mail::Cancel { reason } => moved |= self.request_cancel(reason.clone(), Some(letter.number)),
            }
        }
        moved
    }

    /// An operation begins to wait for mail: gives it what is there for it.
    pub(super) fn expect_mail(&mut self, key: SlotKey) {
        let Some(operation) = self.get_mut(key) else { return };
        let entry = operation.entry;
        match operation.remote.as_deref() {
            Some(Remote::WaitForSignal { name, .. }) => {
                let name = name.clone();
                self.post.signal_waits.entry(name.clone()).or_default().push_back(key);
                self.match_signals(&name);
            }
            Some(_) => {
                self.post.result_waits.insert(entry, key);
                let id = self.memos.id(entry).clone();
                self.match_result(&id);
            }
            None => {}
        }
    }

    /// An operation is gone: the letter that it was offered and did not use is for others, or for later.
    pub(super) fn return_letter(&mut self, letter: Letter) {
        match &letter.mail {
            Mail::Signal { name, .. } => {
                let name = name.clone();
                let signals = self.post.signals.entry(name.clone()).or_default();
                // Several may come back, in whatever order their waits are dropped.
                let place = signals.partition_point(|other| other.number < letter.number);
                signals.insert(place, letter);
                self.match_signals(&name);
            }
            Mail::Answer { id, .. } if letter.number > 0 => {
                self.post.results.insert(id.clone(), letter);
            }
            _ => {}
        }
    }

    /// Gives the signals of a name to those who wait for them, the first to the first; `true` if one was given.
    fn match_signals(&mut self, name: &str) -> bool {
        let mut given = false;
        while let Some(letter) = self.post.signals.get_mut(name).and_then(VecDeque::pop_front) {
            let Some(key) = self.next_signal_wait(name) else {
                self.post.signals.entry(name.to_owned()).or_default().push_front(letter);
                break;
            };
            self.offer(key, letter);
            given = true;
        }
        given
    }

    fn next_signal_wait(&mut self, name: &str) -> Option<SlotKey> {
        loop {
            let key = self.post.signal_waits.get_mut(name)?.pop_front()?;
            if self.can_be_offered(key) {
                return Some(key);
            }
        }
    }

    fn match_result(&mut self, id: &StepId) -> bool {
        let Some(entry) = self.memos.entry(id) else { return false };
        let Some(&key) = self.post.result_waits.get(&entry) else { return false };
        if !self.can_be_offered(key) {
            return false;
        }
        let Some(letter) = self.post.results.remove(id) else { return false };
        self.offer(key, letter);
        true
    }

    fn can_be_offered(&mut self, key: SlotKey) -> bool {
        self.get_mut(key).is_some_and(|operation| operation.waits() && !matches!(operation.phase, Phase::Offered(_)))
    }

    pub(super) fn offer(&mut self, key: SlotKey, letter: Letter) {
        let Some(operation) = self.get_mut(key) else { return };
        let before = std::mem::replace(&mut operation.phase, Phase::Offered(Box::new(letter)));
        self.leaves(&before);
        self.post.offered.push_back(key);
    }

    /// Lets the next operation take its mail; `false` if none can.
    ///
    /// One at a time, and only when nothing else moves: what loses a race has then not used up its signal.
    pub(super) fn take_next(&mut self) -> bool {
        while let Some(key) = self.post.offered.pop_front() {
            if self.get_mut(key).is_some_and(|operation| matches!(operation.phase, Phase::Offered(_))) {
                self.post.taking = Some(key);
                self.wake(key);
                return true;
            }
        }
        false
    }

    /// An operation leaves a phase: keeps the count of those that wait for mail alone.
    pub(super) fn leaves(&mut self, phase: &Phase) {
        if matches!(phase, Phase::Expecting) {
            self.post.expecting = self.post.expecting.saturating_sub(1);
        }
    }

    /// Forgets an operation that is gone.
    pub(super) fn expects_no_more(&mut self, operation: OpenOperation) {
        self.leaves(&operation.phase);
        if operation.remote.is_some() {
            self.post.result_waits.remove(&operation.entry);
        }
        if let Phase::Offered(letter) = operation.phase {
            self.return_letter(*letter);
        }
    }
}
