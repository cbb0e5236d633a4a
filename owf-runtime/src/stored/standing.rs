//! How this process stands with its store: whether it is a worker, which owns runs until its lease ends.
//!
//! A worker of which nobody knows for sure what it owns is ended, which hands back all of it, and another begins.

use std::time::SystemTime;

use super::core::Core;
use crate::kernel::time_after;
use crate::store::{Renewed, StoreError, WorkerId};

/// How a process stands with its store.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing {
    /// It was not asked to own runs yet, or is about to be a worker.
    Begins,
    /// It is a worker, and owns runs until its lease ends.
    Owns { worker: WorkerId, lease_until: SystemTime },
    /// Runs may be owned by this worker that nobody executes: it has to end, and another to begin.
    Ends { worker: WorkerId },
    /// The store does not let it be a worker now.
    Failed,
}

impl Standing {
    pub(super) fn worker(self) -> Option<WorkerId> {
        match self {
            Standing::Owns { worker, .. } => Some(worker),
            Standing::Begins | Standing::Ends { .. } | Standing::Failed => None,
        }
    }
}

impl Core {
    pub(super) fn standing(&self) -> Standing {
        *self.standing.borrow()
    }

    pub(super) fn stand(&self, standing: Standing) {
        self.standing.send_replace(standing);
    }

    /// Waits until it is known whether this process can own runs.
    pub(super) async fn has_stood(&self) {
        if self.options.concurrency > 0 && !self.is_stopping() {
            // An error says that the core is gone, and nobody waits then.
            let stands = |standing: &Standing| matches!(standing, Standing::Owns { .. } | Standing::Failed);
            let _ = self.standing.subscribe().wait_for(stands).await;
        }
    }

    /// Whether others may have taken over, as far as the time tells.
    pub(super) fn is_lease_over(&self) -> bool {
        !matches!(self.standing(), Standing::Owns { lease_until, .. } if lease_until > self.host.now())
    }

    /// Renews the lease where half of it is over.
    pub(super) async fn renew_lease(&self) -> Result<(), StoreError> {
        let lost = || StoreError::lease_lost("renew a worker's lease");
        let Standing::Owns { worker, lease_until } = self.standing() else { return Err(lost()) };
        let now = self.host.now();
        if lease_until > time_after(now, self.options.lease / 2) {
            return Ok(());
        }
        let lease_until = time_after(now, self.options.lease);
        match self.store.renew(worker, lease_until).await? {
            Renewed::Kept => {
                self.standing.send_if_modified(|standing| match standing {
                    Standing::Owns { worker: known, lease_until: until } if *known == worker => {
                        *until = lease_until;
                        true
                    }
                    _ => false,
                });
                Ok(())
            }
            Renewed::Lost => Err(lost()),
        }
    }

    /// Others have taken over: nothing that is executed here can be recorded any more.
    pub(super) fn lose_worker(&self) {
        tracing::warn!(target: "owf", "the lease of this process was lost, and others execute its runs: it begins anew");
        self.end_worker();
    }

    /// Nobody knows which runs this process owns: it hands back all of them, so that none is left that nobody executes.
    pub(super) fn doubt_worker(&self, error: &StoreError) {
        tracing::warn!(target: "owf", "{error}: as it may have happened, this process begins anew");
        self.end_worker();
    }

    fn end_worker(&self) {
        self.standing.send_modify(|standing| {
            if let Standing::Owns { worker, .. } = *standing {
                *standing = Standing::Ends { worker };
            }
        });
        self.lives().iter().for_each(|live| live.abort());
        self.wake.notify_one();
    }

    /// The worker could not begin; what was begun before stays as it is.
    pub(super) fn fail_to_begin(&self) {
        self.standing.send_if_modified(|standing| {
            let begins = matches!(standing, Standing::Begins);
            if begins {
                *standing = Standing::Failed;
            }
            begins
        });
    }
}
