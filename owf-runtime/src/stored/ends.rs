//! Who waits for the end of a run, and who tells them.
//!
//! A run that is executed in this process is told of by its own task, with its end at hand: nobody reads it again, and the store's
//! notice is not looked at. So whoever stops executing a run without having told its end tells to look: it may have ended all the
//! same. All other ends are told by notices of the store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::kernel::RunId;
use crate::store::End;

/// Who waits for the ends of runs.
#[derive(Default)]
pub(super) struct Ends(Mutex<HashMap<RunId, watch::Sender<Ended>>>);

/// What is known of a run's end.
#[derive(Clone, Default)]
pub(super) struct Ended {
    pub(super) end: Option<End>,
}

impl Ends {
    /// Waits for a run's end from now on.
    pub(super) fn watch(&self, run: &RunId) -> watch::Receiver<Ended> {
        let mut waiting = self.waiting();
        if waiting.len() == waiting.capacity() {
            waiting.retain(|_, sender| sender.receiver_count() > 0);
        }
        waiting.entry(run.clone()).or_insert_with(|| watch::Sender::new(Ended::default())).subscribe()
    }

    /// Tells whoever waits for a run how it ended.
    pub(super) fn tell(&self, run: &RunId, end: End) {
        if let Some(sender) = self.waiting().remove(run) {
            sender.send_replace(Ended { end: Some(end) });
        }
    }

    /// Tells whoever waits for a run to look at it.
    pub(super) fn tell_to_look(&self, run: &RunId) {
        if let Some(sender) = self.waiting().get(run) {
            sender.send_modify(|_| {});
        }
    }

    /// Tells all who wait to look.
    pub(super) fn tell_all_to_look(&self) {
        self.waiting().values().for_each(|sender| sender.send_modify(|_| {}));
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<RunId, watch::Sender<Ended>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
