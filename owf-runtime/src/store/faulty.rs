//! A store that fails on purpose, by a seed.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::{
    Answer, Claim, ClaimedRun, Commit, Committed, Created, Deleted, Delivery, Event, Expire, Fork, Forked, Mail,
    MailSince, NewMail, NewRun, NewWorker, Notices, Page, Registered, Renewed, Retried, Retry, RunFilter, RunRecord,
    Store, StoreError, StoreErrorKind, StoredMemo, StoredTrigger, WorkerId,
};
use crate::host::BoxFuture;
use crate::kernel::RunId;

/// Which faults to inject, and how often: each chance is between 0 and 1, for each call and for each commit of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// Decides when; the same calls in the same order meet the same faults.
    pub seed: u64,
    /// The chance of an error instead of the effect.
    pub before: f64,
    /// The chance of an error after the effect, as of a connection that breaks.
    pub after: f64,
    /// The longest delay of an answer.
    pub delay_max: Duration,
}

/// A store with injected faults. Each commit of a call meets its own: some of them happen and others do not, never half of one.
pub struct FaultyStore<S> {
    inner: S,
    faults: Faults,
    random: Arc<Mutex<fastrand::Rng>>,
    commits: Arc<AtomicU64>,
}

/// What a call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Before,
    After,
}

impl<S: Store> FaultyStore<S> {
    /// Wraps a store.
    #[must_use]
    pub fn new(inner: S, faults: Faults) -> FaultyStore<S> {
        let random = Arc::new(Mutex::new(fastrand::Rng::with_seed(faults.seed)));
        FaultyStore { inner, faults, random, commits: Arc::default() }
    }

    /// The store within, which does not fail.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// Counts the commits that are asked for: a test sees what is recorded together.
    #[must_use]
    pub fn commits(&self) -> Arc<AtomicU64> {
        self.commits.clone()
    }

    fn draw(&self) -> (Fault, Duration) {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let (chance, delay) = (random.f64(), self.faults.delay_max.mul_f64(random.f64()));
        let fault = if chance < self.faults.before {
            Fault::Before
        } else if chance < self.faults.before + self.faults.after {
            Fault::After
        } else {
            Fault::None
        };
        (fault, delay)
    }

    fn call<T: Send + 'static>(&self, call: impl FnOnce(&S) -> Answer<T>) -> Answer<T> {
        let (fault, delay) = self.draw();
        let answer = (fault != Fault::Before).then(|| call(&self.inner));
        Box::pin(async move {
            wait(delay).await;
            match answer {
                None => Err(injected(Fault::Before)),
                Some(answer) if fault == Fault::After => answer.await.and(Err(injected(Fault::After))),
                Some(answer) => answer.await,
            }
        })
    }
}

async fn wait(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

fn injected(fault: Fault) -> StoreError {
    let error = |text: &str| StoreError::new("do as it was told", StoreErrorKind::Io, text);
    match fault {
        Fault::After => error("a fault was injected after the effect").with_unknown_effect(),
        Fault::None | Fault::Before => error("a fault was injected before the effect"),
    }
}

impl<S> fmt::Debug for FaultyStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn create(&self, runs: Vec<NewRun>, worker: Option<WorkerId>) -> Answer<Vec<Created>> {
        self.call(|store| store.create(runs, worker))
    }

    fn register(&self, worker: NewWorker) -> Answer<WorkerId> {
        self.call(|store| store.register(worker))
    }

    fn renew(&self, worker: WorkerId, lease_until: SystemTime) -> Answer<Renewed> {
        self.call(|store| store.renew(worker, lease_until))
    }

    fn unregister(&self, worker: WorkerId, now: SystemTime) -> Answer<()> {
        self.call(|store| store.unregister(worker, now))
    }

    fn claim(&self, claim: Claim) -> Answer<Vec<ClaimedRun>> {
        self.call(|store| store.claim(claim))
    }

    fn commit(&self, commits: Vec<Commit>) -> BoxFuture<'static, Vec<Result<Committed, StoreError>>> {
        self.commits.fetch_add(commits.len() as u64, Ordering::Relaxed);
        let drawn: Vec<(Fault, Duration)> = commits.iter().map(|_| self.draw()).collect();
        let let_through = commits.into_iter().zip(&drawn).filter(|(_, (fault, _))| *fault != Fault::Before);
        let made = self.inner.commit(let_through.map(|(commit, _)| commit).collect());
        Box::pin(async move {
            wait(drawn.iter().map(|(_, delay)| *delay).max().unwrap_or_default()).await;
            let mut made = made.await.into_iter();
            let outcome = |(fault, _): (Fault, Duration)| match fault {
                Fault::Before => Err(injected(fault)),
                Fault::After => made.next().unwrap_or_else(|| Err(injected(fault))).and(Err(injected(fault))),
                Fault::None => made.next().unwrap_or_else(|| Err(injected(fault))),
            };
            drawn.into_iter().map(outcome).collect()
        })
    }

    fn send(&self, mail: Vec<NewMail>, now: SystemTime) -> Answer<Vec<Delivery>> {
        self.call(|store| store.send(mail, now))
    }

    fn publish(&self, events: Vec<Event>, now: SystemTime) -> Answer<Vec<u64>> {
        self.call(|store| store.publish(events, now))
    }

    fn mail(&self, since: Vec<MailSince>) -> Answer<Vec<Vec<Mail>>> {
        self.call(|store| store.mail(since))
    }

    fn run(&self, run: RunId) -> Answer<Option<RunRecord>> {
        self.call(|store| store.run(run))
    }

    fn list(&self, filter: RunFilter, after: Option<u64>, limit: usize) -> Answer<Page> {
        self.call(|store| store.list(filter, after, limit))
    }

    fn steps(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        self.call(|store| store.steps(run))
    }

    fn history(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        self.call(|store| store.history(run))
    }

    fn retry(&self, retry: Retry) -> Answer<Retried> {
        self.call(|store| store.retry(retry))
    }

    fn fork(&self, fork: Fork) -> Answer<Forked> {
        self.call(|store| store.fork(fork))
    }

    fn delete(&self, runs: Vec<RunId>) -> Answer<Vec<Deleted>> {
        self.call(|store| store.delete(runs))
    }

    fn expire(&self, expire: Expire) -> Answer<usize> {
        self.call(|store| store.expire(expire))
    }

    fn next_due(&self, workflows: Vec<Registered>, asking: Option<WorkerId>) -> Answer<Option<SystemTime>> {
        self.call(|store| store.next_due(workflows, asking))
    }

    fn wake_parents(&self, known: Vec<Registered>, now: SystemTime) -> Answer<usize> {
        self.call(|store| store.wake_parents(known, now))
    }

    fn set_triggers(
        &self,
        workflow: String,
        version: u32,
        triggers: Vec<StoredTrigger>,
        now: SystemTime,
    ) -> Answer<()> {
        self.call(|store| store.set_triggers(workflow, version, triggers, now))
    }

    fn triggered_by(&self, event: String) -> Answer<Vec<(String, u32)>> {
        self.call(|store| store.triggered_by(event))
    }

    fn last_tick(&self, workflow: String, expression: String, timezone: Option<String>) -> Answer<Option<SystemTime>> {
        self.call(|store| store.last_tick(workflow, expression, timezone))
    }

    fn ticked(&self, workflow: String, expression: String, timezone: Option<String>, tick: SystemTime) -> Answer<()> {
        self.call(|store| store.ticked(workflow, expression, timezone, tick))
    }

    fn notices(&self) -> Notices {
        self.inner.notices()
    }
}
