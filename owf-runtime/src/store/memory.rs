//! Runs in memory, for tests: the contract without a database.

mod commit;
mod log;
mod state;
mod triggers;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use self::state::State;
use super::notice::Bell;
use super::{
    Answer, Claim, ClaimedRun, Commit, Committed, Created, Deleted, Delivery, Event, Expire, Fork, Forked, Mail,
    MailSince, NewMail, NewRun, NewWorker, Notice, Notices, Page, Registered, Renewed, Retried, Retry, RunFilter,
    RunRecord, Store, StoreError, StoredMemo, StoredTrigger, WorkerId,
};
use crate::host::BoxFuture;
use crate::kernel::RunId;

/// A store that is gone with its process, and answers at once. Clones share their runs.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    bell: Bell,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore { state: Arc::default(), bell: Bell::new() }
    }

    /// Does something as a whole, and then tells of it.
    fn with<T>(&self, work: impl FnOnce(&mut State, &mut Vec<Notice>) -> T) -> T {
        let mut notices = Vec::new();
        let done = work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), &mut notices);
        self.bell.ring(&mut notices);
        done
    }

    fn answer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State, &mut Vec<Notice>) -> Result<T, StoreError>,
    ) -> Answer<T> {
        Box::pin(std::future::ready(self.with(work)))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn create(&self, runs: Vec<NewRun>, worker: Option<WorkerId>) -> Answer<Vec<Created>> {
        self.answer(|state, notices| {
            if worker.is_some_and(|worker| !state.workers.contains_key(&worker)) {
                return Err(StoreError::lease_lost("create runs for a worker"));
            }
            Ok(runs.into_iter().map(|run| state.create(run, worker, notices)).collect())
        })
    }

    fn register(&self, worker: NewWorker) -> Answer<WorkerId> {
        self.answer(|state, _| {
            state.worker_last += 1;
            let id = WorkerId(state.worker_last);
            state.workers.insert(id, worker.lease_until);
            Ok(id)
        })
    }

    fn renew(&self, worker: WorkerId, lease_until: SystemTime) -> Answer<Renewed> {
        self.answer(|state, _| {
            Ok(match state.workers.get_mut(&worker) {
                Some(until) => {
                    *until = lease_until;
                    Renewed::Kept
                }
                None => Renewed::Lost,
            })
        })
    }

    fn unregister(&self, worker: WorkerId, now: SystemTime) -> Answer<()> {
        self.answer(|state, notices| {
            state.hand_back(worker, now, notices);
            Ok(())
        })
    }

    fn claim(&self, claim: Claim) -> Answer<Vec<ClaimedRun>> {
        self.answer(|state, notices| state.claim(&claim, notices))
    }

    fn commit(&self, commits: Vec<Commit>) -> BoxFuture<'static, Vec<Result<Committed, StoreError>>> {
        let commits = commits.into_iter();
        let outcomes = self.with(|state, notices| commits.map(|commit| state.commit(commit, notices)).collect());
        Box::pin(std::future::ready(outcomes))
    }

    fn send(&self, mail: Vec<NewMail>, now: SystemTime) -> Answer<Vec<Delivery>> {
        self.answer(|state, notices| Ok(mail.iter().map(|mail| state.deliver(mail, now, notices)).collect()))
    }

    fn publish(&self, events: Vec<Event>, now: SystemTime) -> Answer<Vec<u64>> {
        self.answer(|state, notices| {
            let trees = events.iter().map(|event| super::matching::tree(&event.payload));
            let trees = trees.collect::<Result<Vec<_>, _>>()?;
            Ok(events.iter().zip(&trees).map(|(event, tree)| state.publish(event, tree, now, notices)).collect())
        })
    }

    fn mail(&self, since: Vec<MailSince>) -> Answer<Vec<Vec<Mail>>> {
        self.answer(|state, _| Ok(since.iter().map(|since| state.mail_since(since)).collect()))
    }

    fn run(&self, run: RunId) -> Answer<Option<RunRecord>> {
        self.answer(|state, _| Ok(state.run(&run).map(|(key, run)| run.record(key))))
    }

    fn list(&self, filter: RunFilter, after: Option<u64>, limit: usize) -> Answer<Page> {
        self.answer(|state, _| Ok(state.list(&filter, after, limit)))
    }

    fn steps(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        self.answer(|state, _| Ok(state.run(&run).map(|(_, run)| run.log.latest(u64::MAX))))
    }

    fn history(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        self.answer(|state, _| Ok(state.run(&run).map(|(_, run)| run.log.attempts())))
    }

    fn retry(&self, retry: Retry) -> Answer<Retried> {
        self.answer(|state, notices| Ok(state.retry(&retry, notices)))
    }

    fn fork(&self, fork: Fork) -> Answer<Forked> {
        self.answer(|state, notices| Ok(state.fork(&fork, notices)))
    }

    fn delete(&self, runs: Vec<RunId>) -> Answer<Vec<Deleted>> {
        self.answer(|state, _| Ok(runs.iter().map(|run| state.delete(run)).collect()))
    }

    fn expire(&self, expire: Expire) -> Answer<usize> {
        self.answer(|state, _| Ok(state.expire(&expire)))
    }

    fn next_due(&self, workflows: Vec<Registered>, asking: Option<WorkerId>) -> Answer<Option<SystemTime>> {
        self.answer(|state, _| Ok(state.next_due(&workflows, asking)))
    }

    fn wake_parents(&self, known: Vec<Registered>, now: SystemTime) -> Answer<usize> {
        self.answer(|state, notices| Ok(state.wake_parents(&known, now, notices)))
    }

    fn set_triggers(
        &self,
        workflow: String,
        version: u32,
        triggers: Vec<StoredTrigger>,
        now: SystemTime,
    ) -> Answer<()> {
        self.answer(|state, _| {
            state.triggers.set(workflow, version, triggers, now);
            Ok(())
        })
    }

    fn triggered_by(&self, event: String) -> Answer<Vec<(String, u32)>> {
        self.answer(|state, _| Ok(state.triggers.of_event(&event)))
    }

    fn last_tick(&self, workflow: String, expression: String, timezone: Option<String>) -> Answer<Option<SystemTime>> {
        let cron = StoredTrigger::Cron { expression, timezone };
        self.answer(|state, _| Ok(state.triggers.tick_of(&workflow, &cron).copied()))
    }

    fn ticked(&self, workflow: String, expression: String, timezone: Option<String>, tick: SystemTime) -> Answer<()> {
        let cron = StoredTrigger::Cron { expression, timezone };
        self.answer(|state, _| {
            if let Some(last) = state.triggers.tick_of(&workflow, &cron) {
                *last = tick.max(*last);
            }
            Ok(())
        })
    }

    fn notices(&self) -> Notices {
        self.bell.listen()
    }
}
