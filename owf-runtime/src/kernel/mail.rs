//! What arrives for a run from outside: signals, results of operations that go on elsewhere, and the wish to cancel it.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use serde::{Deserialize, Serialize};

use super::id::StepId;
use super::memo::MemoResult;
use super::operation::{Action, Operation};
use crate::value::Json;

/// Something that arrived for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Mail {
    /// A signal; it is kept until a wait for its name takes it.
    Signal {
        /// Its name.
        name: String,
        /// What was sent.
        payload: Json,
        /// The Rust type that it was sent as, for messages; `None` where that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sent_as: Option<String>,
    },
    /// The result of an operation that goes on outside the run: an event that was waited for, a child's end, what became of something
    /// that was sent.
    Answer {
        /// The operation.
        id: StepId,
        /// How it ended.
        result: MemoResult,
    },
    /// The run is to be cancelled.
    Cancel {
        /// Why, in the words of whoever cancels it.
        reason: String,
    },
}

/// A piece of mail, with its place in the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Unique within the run, and higher than that of what came before.
    pub number: u64,
    /// What arrived.
    pub mail: Mail,
}

impl Letter {
    /// Whether an operation waits for this.
    fn is_for(&self, operation: &Operation) -> bool {
        match (&self.mail, &operation.action) {
            (Mail::Signal { name, .. }, Action::WaitForSignal { name: wanted, .. }) => name == wanted,
            (Mail::Answer { id, .. }, _) => *id == operation.id,
            _ => false,
        }
    }
}

/// Where a run's mail arrives, and is kept until it is used.
///
/// Clones are the same inbox. Whoever stores mail elsewhere puts each letter in here as well, so that a session that is alive gets it.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Shared>);

#[derive(Default)]
struct Shared {
    content: Mutex<Content>,
    /// The number of the last letter, for whoever asks between any two steps whether there is news.
    last: AtomicU64,
}

#[derive(Default)]
struct Content {
    letters: VecDeque<Letter>,
    waker: Option<Waker>,
}

impl Inbox {
    /// An empty inbox.
    #[must_use]
    pub fn new() -> Inbox {
        Inbox::default()
    }

    /// Takes in mail, after all that came before; returns its number.
    pub fn push(&self, mail: Mail) -> u64 {
        let mut content = self.content();
        let number = self.last() + 1;
        let waker = self.put(&mut content, Letter { number, mail });
        drop(content);
        wake(waker);
        number
    }

    /// Takes in a letter that has its number already; one that is older than the last is known, and dropped.
    pub fn deliver(&self, letter: Letter) {
        let mut content = self.content();
        if letter.number > self.last() {
            let waker = self.put(&mut content, letter);
            drop(content);
            wake(waker);
        }
    }

    /// The letters that were not used yet, in the order of arrival.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.content().letters.iter().cloned().collect()
    }

    /// Wakes whoever reads, as if mail had come.
    #[cfg(feature = "sqlite")]
    pub(crate) fn nudge(&self) {
        let waker = self.content().waker.take();
        wake(waker);
    }

    /// Whether the result of an operation is there.
    pub(crate) fn has_result(&self, operation: &StepId) -> bool {
        self.content().letters.iter().any(|letter| matches!(&letter.mail, Mail::Answer { id, .. } if id == operation))
    }

    /// Whether both are the same inbox.
    pub(crate) fn is_same(&self, other: &Inbox) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether letters arrived after the one with this number.
    pub(super) fn has_after(&self, number: u64) -> bool {
        self.last() > number
    }

    /// Those that arrived after the one with this number.
    pub(crate) fn after(&self, number: u64) -> Vec<Letter> {
        if !self.has_after(number) {
            return Vec::new();
        }
        let content = self.content();
        let from = content.letters.partition_point(|letter| letter.number <= number);
        content.letters.range(from..).cloned().collect()
    }

    /// Drops a letter that was used.
    pub(crate) fn used(&self, number: u64) {
        let mut content = self.content();
        if let Ok(position) = content.letters.binary_search_by_key(&number, |letter| letter.number) {
            content.letters.remove(position);
        }
    }

    /// Whether a letter is there that a waiting operation can use, or that cancels the run.
    pub(crate) fn concerns(&self, operations: &[Operation], is_ending: bool) -> bool {
        let content = self.content();
        let concerns = |letter: &Letter| match letter.mail {
            Mail::Cancel { .. } => !is_ending,
            _ => operations.iter().any(|operation| letter.is_for(operation)),
        };
        content.letters.iter().any(concerns)
    }

    /// Waits until a letter is there that a waiting operation can use, or that cancels the run.
    pub(crate) async fn concerning(&self, operations: &[Operation], is_ending: bool) {
        poll_fn(|cx| {
            self.wake_on_arrival(cx);
            if self.concerns(operations, is_ending) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Wakes the task when the next letter arrives.
    pub(super) fn wake_on_arrival(&self, cx: &Context<'_>) {
        match &mut self.content().waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    /// Puts a letter in; returns who is to be woken, once the inbox is free again.
    fn put(&self, content: &mut Content, letter: Letter) -> Option<Waker> {
        let number = letter.number;
        content.letters.push_back(letter);
        self.0.last.store(number, Ordering::Release);
        content.waker.take()
    }

    fn last(&self) -> u64 {
        self.0.last.load(Ordering::Acquire)
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("letters", &self.content().letters.len()).finish()
    }
}
