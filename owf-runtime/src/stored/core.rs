//! What the parts of a durable driver share in one process: its store, the workflows that it knows, the runs that it executes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::ends::Ends;
use super::execution;
use super::live::Live;
use super::registry::Registry;
use super::standing::Standing;
use crate::client::Settings;
use crate::host::Host;
use crate::kernel::{RunId, time_after};
use crate::store::{ClaimedRun, Commit, Created, Lease, NewRun, Registered, SqliteStore, Store, StoreError, Then};
use crate::value::Json;
use crate::workflow::AnyWorkflow;

/// How a durable driver executes runs.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How many runs are executed at a time in this process; 0 if it only asks.
    pub(crate) concurrency: usize,
    /// How long a process may be silent before others take its runs over.
    pub(crate) lease: Duration,
    /// How long a wait may take that keeps a workflow's future in memory.
    pub(crate) suspend_after: Duration,
    /// How many times in a row a process may die over a run that records nothing in between.
    pub(crate) crashes_max: u32,
    /// How long runs are kept that are over; `None` if for ever.
    pub(crate) keep_finished: Option<Duration>,
}

/// What a process has of a store's runs.
pub(crate) struct Core {
    pub(super) store: Arc<dyn Store>,
    /// The same store, where it is a SQLite file, for steps that write to that.
    pub(super) sqlite: Option<SqliteStore>,
    pub(super) host: Arc<dyn Host>,
    pub(super) options: Options,
    settings: Mutex<Settings>,
    registry: Mutex<Registry>,
    /// The runs that are executed here.
    live: Mutex<HashMap<RunId, Arc<Live>>>,
    pub(super) ends: Ends,
    /// Where runs are executed: the runtime that last asked for something.
    runtime: Mutex<Option<Handle>>,
    /// How this process stands with the store.
    pub(super) standing: watch::Sender<Standing>,
    /// Something may be due, or a run has made room for another.
    pub(super) wake: Notify,
    /// A run was left, or the process begins to stop.
    pub(super) left: Notify,
    stopping: AtomicBool,
    /// Nobody claims runs any more.
    retired: watch::Sender<bool>,
    /// Nothing is owned any more.
    ended: watch::Sender<bool>,
    /// Nobody asks any more.
    closed: watch::Sender<bool>,
    /// How often mail came for a run that is not executed here, which may have been claimed just then.
    missed_mail: AtomicU64,
    /// Whether runs are due that have no room.
    pressed: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub(super) fn new(
        store: Arc<dyn Store>,
        sqlite: Option<SqliteStore>,
        host: Arc<dyn Host>,
        options: Options,
    ) -> Core {
        Core {
            store,
            sqlite,
            host,
            options,
            settings: Mutex::default(),
            registry: Mutex::default(),
            live: Mutex::default(),
            ends: Ends::default(),
            runtime: Mutex::default(),
            standing: watch::Sender::new(Standing::Begins),
            wake: Notify::new(),
            left: Notify::new(),
            stopping: AtomicBool::new(false),
            retired: watch::Sender::new(false),
            ended: watch::Sender::new(false),
            closed: watch::Sender::new(false),
            missed_mail: AtomicU64::new(0),
            pressed: AtomicBool::new(false),
        }
    }

    pub(super) fn settings(&self) -> Settings {
        *lock(&self.settings)
    }

    pub(super) fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }

    /// Makes a workflow known, so that its runs are executed here.
    pub(super) fn learn(&self, workflow: &AnyWorkflow) {
        if self.registry().learn(workflow) {
            self.wake.notify_one();
        }
    }

    /// What this process can execute.
    pub(super) fn registered(&self) -> Vec<Registered> {
        self.registry().registered()
    }

    pub(super) fn set_runtime(&self, runtime: &Handle) {
        *lock(&self.runtime) = Some(runtime.clone());
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Ends the execution of runs in this process, which can still be asked.
    pub(super) fn retire(&self) {
        self.stop();
        self.lives().iter().for_each(|live| live.abort());
        self.retired.send_replace(true);
        // Whoever waits to begin waits in vain.
        self.fail_to_begin();
    }

    /// Ends all that is done in this process.
    pub(super) fn close(&self) {
        self.retire();
        self.closed.send_replace(true);
    }

    /// Nothing is owned any more.
    pub(super) fn end(&self) {
        self.stand(Standing::Failed);
        self.ended.send_replace(true);
    }

    pub(super) async fn retired(&self) {
        is_set(&self.retired).await;
    }

    pub(super) async fn ended(&self) {
        is_set(&self.ended).await;
    }

    pub(super) async fn closed(&self) {
        is_set(&self.closed).await;
    }

    /// A workflow whose triggers are not in the store yet.
    pub(super) fn unstored(&self) -> Option<AnyWorkflow> {
        self.registry().unstored()
    }

    /// A workflow's triggers are in the store.
    pub(super) fn stored(&self, workflow: &AnyWorkflow) {
        self.registry().stored(workflow);
    }

    /// Wakes the parents of children whose workflows nobody has told of here: their code does.
    pub(super) async fn wake_parents(&self) -> Result<(), StoreError> {
        self.store.wake_parents(self.registered(), self.host.now()).await.map(drop)
    }

    /// Lets no effect begin any more.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake.notify_one();
        self.left.notify_waiters();
        self.lives().iter().for_each(|live| live.inbox.nudge());
    }

    /// Whether runs that only wait are to make room.
    pub(super) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Acquire)
    }

    pub(super) fn press(&self, pressed: bool) {
        if !self.pressed.swap(pressed, Ordering::AcqRel) && pressed {
            self.lives().iter().for_each(|live| live.inbox.nudge());
        }
    }

    /// How many more runs can be executed here.
    pub(super) fn room(&self) -> usize {
        if self.is_stopping() { 0 } else { self.options.concurrency.saturating_sub(lock(&self.live).len()) }
    }

    pub(super) fn lives(&self) -> Vec<Arc<Live>> {
        lock(&self.live).values().cloned().collect()
    }

    pub(super) fn live(&self, run: &RunId) -> Option<Arc<Live>> {
        lock(&self.live).get(run).cloned()
    }

    /// The run, which has got mail, if it is executed here. If it is not, it may be about to be.
    pub(super) fn live_with_mail(&self, run: &RunId) -> Option<Arc<Live>> {
        self.live(run).or_else(|| {
            self.missed_mail.fetch_add(1, Ordering::AcqRel);
            self.live(run)
        })
    }

    /// All runs that are executed here, as any of them may have got mail; and any that is about to be.
    pub(super) fn lives_with_mail(&self) -> Vec<Arc<Live>> {
        self.missed_mail.fetch_add(1, Ordering::AcqRel);
        self.lives()
    }

    /// How much mail came for runs that were not executed here.
    pub(super) fn missed_mail(&self) -> u64 {
        self.missed_mail.load(Ordering::Acquire)
    }

    /// Fetches the mail of runs.
    pub(super) async fn fetch_mail(&self, lives: Vec<Arc<Live>>) {
        if lives.is_empty() {
            return;
        }
        let asked = lives.iter().map(|live| live.unseen()).collect();
        match self.store.mail(asked).await {
            Ok(mail) => lives.iter().zip(mail).for_each(|(live, mail)| live.deliver(mail)),
            // What is not fetched now is fetched with what comes next, or when the run is claimed again.
            Err(error) => tracing::warn!(target: "owf", "{error}"),
        }
    }

    /// Executes claimed runs, with what mail has `missed` them since they were claimed.
    pub(super) async fn execute_all(self: &Arc<Self>, claimed: Vec<ClaimedRun>, missed: u64) {
        let ids: Vec<RunId> = claimed.iter().map(|run| run.lease.run.clone()).collect();
        claimed.into_iter().for_each(|run| self.execute(run));
        if self.missed_mail() != missed {
            self.fetch_mail(ids.iter().filter_map(|run| self.live(run)).collect()).await;
        }
    }

    /// Executes a claimed run; one that cannot be executed here is handed back.
    fn execute(self: &Arc<Self>, claimed: ClaimedRun) {
        let workflow = self.registry().find(&claimed.workflow, claimed.version);
        let runtime = lock(&self.runtime).clone();
        match (workflow, runtime) {
            (Some(workflow), Some(runtime)) if !self.is_stopping() => {
                execution::spawn(self, claimed, workflow, &runtime);
            }
            _ => self.hand_back(&claimed.lease, Duration::ZERO),
        }
    }

    /// A run begins to be executed here.
    pub(super) fn enter(&self, live: &Arc<Live>) {
        lock(&self.live).insert(live.lease.run.clone(), live.clone());
    }

    /// A run is executed here no more.
    pub(super) fn leave(&self, live: &Arc<Live>, broke_off: bool) {
        {
            let mut lives = lock(&self.live);
            // Claimed again meanwhile, it is another execution.
            if lives.get(&live.lease.run).is_some_and(|known| Arc::ptr_eq(known, live)) {
                lives.remove(&live.lease.run);
            }
        }
        if broke_off {
            // A runtime that was shut down would only break off again at once; a process that stops claims nothing any more.
            let rest = if self.is_stopping() { Duration::ZERO } else { Duration::from_secs(1) };
            self.hand_back(&live.lease, rest);
            // It may have ended before its task could tell.
            self.ends.tell_to_look(&live.lease.run);
        }
        self.left.notify_waiters();
        // Nobody has to look for what is due unless it has waited for room.
        if self.is_pressed() {
            self.wake.notify_one();
        }
    }

    /// Lets others have a run that is owned here.
    fn hand_back(&self, lease: &Lease, after: Duration) {
        let now = self.host.now();
        let mut commit = Commit::new(lease.clone(), now);
        commit.then = Then::Suspend { until: Some(time_after(now, after)), seen: 0 };
        // Refused, it is in other hands already; lost, the lease sees to it.
        drop(self.store.commit(vec![commit]));
    }

    /// Creates runs, and executes here what has room.
    pub(super) async fn create(self: &Arc<Self>, runs: Vec<NewRun>) -> Result<Vec<Created>, StoreError> {
        let owner = self.standing().worker().filter(|_| self.room() >= runs.len());
        let copies = if owner.is_some() { runs.clone() } else { Vec::new() };
        let missed = self.missed_mail();
        let created = match self.store.create(runs.clone(), owner).await {
            // The lease was lost; whoever has it now executes them.
            Err(error) if error.kind() == crate::store::StoreErrorKind::LeaseLost => {
                return self.store.create(runs, None).await;
            }
            Err(error) => {
                if owner.is_some() && error.may_have_happened() {
                    self.doubt_worker(&error);
                }
                return Err(error);
            }
            Ok(created) => created,
        };
        let begun = copies.into_iter().zip(&created).filter_map(|(run, created)| match created {
            Created::New(Some(lease)) => Some(begun(run, lease.clone())),
            _ => None,
        });
        self.execute_all(begun.collect(), missed).await;
        Ok(created)
    }

    /// Starts what an event triggers, once for each `cause`.
    pub(super) async fn start_triggered(
        self: &Arc<Self>,
        event: &str,
        payload: &Json,
        cause: &str,
    ) -> Result<Vec<RunId>, StoreError> {
        let mut triggered = self.store.triggered_by(event.to_owned()).await?;
        // One that was registered just now may not be stored yet.
        triggered.extend(self.registry().triggered_by(event));
        triggered.sort();
        triggered.dedup_by(|a, b| a.0 == b.0);
        if triggered.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.host.now();
        let ids: Vec<RunId> = triggered.iter().map(|(workflow, _)| format!("{cause}/{workflow}").into()).collect();
        let runs = triggered.into_iter().zip(&ids).map(|((workflow, version), id)| NewRun {
            id: id.clone(),
            workflow,
            version,
            input: payload.clone(),
            created_at: now,
            due_at: now,
        });
        self.create(runs.collect()).await?;
        Ok(ids)
    }
}

/// Waits until something is so.
async fn is_set(flag: &watch::Sender<bool>) {
    // An error says that nobody is left to set it.
    let _ = flag.subscribe().wait_for(|set| *set).await;
}

/// A run that was created for this process, as a claim would hand it over.
fn begun(run: NewRun, lease: Lease) -> ClaimedRun {
    ClaimedRun {
        lease,
        workflow: run.workflow,
        version: run.version,
        input: run.input,
        started_at: run.created_at,
        attempt: 1,
        claims: 1,
        details: None,
        memos: Vec::new(),
        mail: Vec::new(),
        awaiting: Vec::new(),
    }
}
