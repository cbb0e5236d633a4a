//! A run that is executed in this process, as others see it: where its mail goes, and how it is stopped.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::task::AbortHandle;

use super::convert;
use crate::kernel::{Inbox, Mail};
use crate::store::{Lease, Mail as StoredMail, MailSince, Store};

/// A run that is executed in this process.
pub(super) struct Live {
    pub(super) lease: Lease,
    /// What the session reads. Its letters have numbers of their own, since some of them come from no store.
    pub(super) inbox: Inbox,
    ledger: Mutex<Ledger>,
    task: OnceLock<AbortHandle>,
}

/// Which letter is which piece of stored mail.
#[derive(Default)]
struct Ledger {
    seen: u64,
    stored: HashMap<u64, u64>,
}

impl Live {
    pub(super) fn new(lease: Lease) -> Live {
        Live { lease, inbox: Inbox::new(), ledger: Mutex::default(), task: OnceLock::new() }
    }

    /// Hands stored mail to the run, once.
    pub(super) fn deliver(&self, mail: Vec<StoredMail>) {
        let mut ledger = self.ledger();
        for StoredMail { seq, content, .. } in mail {
            if seq > ledger.seen {
                ledger.seen = seq;
                let letter = self.inbox.push(convert::mail(content));
                ledger.stored.insert(letter, seq);
            }
        }
    }

    /// Fetches the mail that the run has not got; what fails is fetched with what comes next.
    pub(super) async fn fetch_mail(&self, store: &dyn Store) {
        if let Ok(mail) = store.mail(vec![self.unseen()]).await {
            mail.into_iter().for_each(|mail| self.deliver(mail));
        }
    }

    /// Hands the run something that is in no store: what became of what it has sent.
    pub(super) fn answer(&self, mail: Mail) {
        self.inbox.push(mail);
    }

    /// Asks for the mail that the run has not got.
    pub(super) fn unseen(&self) -> MailSince {
        MailSince { key: self.lease.key, seq: self.ledger().seen }
    }

    /// The stored mail that a letter is, once.
    pub(super) fn used(&self, letter: u64) -> Option<u64> {
        self.ledger().stored.remove(&letter)
    }

    /// Says which task executes the run.
    pub(super) fn is_executed_by(&self, task: AbortHandle) {
        // There is one only: a second one would be another `Live`.
        let _ = self.task.set(task);
    }

    /// Drops the execution where it stands.
    pub(super) fn abort(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
