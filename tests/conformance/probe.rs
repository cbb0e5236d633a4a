//! What tests see of a workflow from outside: notes of its effects, and gates that steps wait at.

use std::cell::Cell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Barrier, watch};

/// A handle that goes into a workflow as input, through JSON, and still leads to the same notes and gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probe(u64);

/// What a probe leads to.
#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    barriers: HashMap<String, Arc<Barrier>>,
    turns: HashMap<String, watch::Sender<usize>>,
}

static PROBES: LazyLock<Mutex<HashMap<u64, Notes>>> = LazyLock::new(Mutex::default);

#[owf_runtime::deterministic(allow(shared_state, reason = "notes are what a test sees of a workflow from outside"))]
fn probes() -> MutexGuard<'static, HashMap<u64, Notes>> {
    PROBES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Probe {
    pub(crate) fn new() -> Probe {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let probe = Probe(NEXT.fetch_add(1, Ordering::Relaxed));
        probes().insert(probe.0, Notes::default());
        probe
    }

    /// The probe of a name, for code that takes no input.
    pub(crate) fn shared(name: &str) -> Probe {
        static NAMED: LazyLock<Mutex<HashMap<String, Probe>>> = LazyLock::new(Mutex::default);
        let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        *named.entry(name.to_owned()).or_insert_with(Probe::new)
    }

    /// Notes that something happened, and tells how often it has happened by now.
    pub(crate) fn note(self, what: impl Into<String>) -> usize {
        let what = what.into();
        let mut probes = probes();
        let lines = &mut probes.entry(self.0).or_default().lines;
        lines.push(what);
        lines.iter().filter(|line| Some(*line) == lines.last()).count()
    }

    /// Notes that something happened.
    pub(crate) fn mark(self, what: impl Into<String>) {
        self.note(what);
    }

    /// All notes, in the order in which they were made.
    pub(crate) fn notes(self) -> Vec<String> {
        probes().entry(self.0).or_default().lines.clone()
    }

    /// How often something was noted.
    pub(crate) fn count(self, what: &str) -> usize {
        self.notes().iter().filter(|line| *line == what).count()
    }

    /// Waits until something is noted.
    pub(crate) async fn noted(self, what: &str) {
        let mut rounds = 0;
        while self.count(what) == 0 {
            rounds += 1;
            assert!(rounds < IDLE_ROUNDS_MAX, "`{what}` is never noted: {:?}", self.notes());
            go_round().await;
        }
    }

    /// Waits until `parties` bodies wait at this barrier at the same time.
    pub(crate) async fn meet(self, barrier: &str, parties: usize) {
        let met = || Arc::new(Barrier::new(parties));
        let barrier =
            probes().entry(self.0).or_default().barriers.entry(barrier.to_owned()).or_insert_with(met).clone();
        barrier.wait().await;
    }

    /// Waits until it is turn number `turn` of this round, or a later one, and hands over to the next turn.
    pub(crate) async fn in_turn(self, round: &str, turn: usize) {
        let begin = || watch::channel(0).0;
        let turns = probes().entry(self.0).or_default().turns.entry(round.to_owned()).or_insert_with(begin).clone();
        let mut now = turns.subscribe();
        // The sender is held above, so the channel stays open.
        let _ = now.wait_for(|now| *now >= turn).await;
        turns.send_modify(|now| *now += 1);
    }

    /// A value that notes when it is dropped.
    pub(crate) fn drop_guard(self, note: &str) -> DropGuard {
        DropGuard { probe: self, note: note.to_owned() }
    }
}

pub(crate) struct DropGuard {
    probe: Probe,
    note: String,
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        self.probe.note(self.note.as_str());
    }
}

/// How often the runtime goes round without waking the test before it counts as stalled. A spawned task needs a few
/// rounds to hand on what it has; there is no clock and no I/O that could take longer.
const IDLE_ROUNDS_MAX: u32 = 10_000;

/// Enough for all tasks of a test to come to rest.
const SETTLING_ROUNDS: u32 = 200;

thread_local! {
    /// Whether other threads take part in the test of this one, so that going round with nothing to do means little.
    static WAITS_FOR_OTHERS: Cell<bool> = const { Cell::new(false) };
}

/// How long a test may take in which other threads take part.
#[cfg(any(feature = "inngest", feature = "sqlite"))]
const PATIENCE: Duration = Duration::from_secs(120);

/// How long other threads have to come to rest.
const SETTLING_TIME: Duration = Duration::from_millis(150);

/// Says that threads besides the test's take part in it.
#[cfg(any(feature = "inngest", feature = "sqlite"))]
pub(crate) fn waits_for_others() {
    WAITS_FOR_OTHERS.set(true);
}

/// Runs a test, and fails it when nothing can wake it any more, in place of hanging.
pub(crate) async fn fail_when_stalled<T>(test: impl Future<Output = T>) -> T {
    #[cfg(any(feature = "inngest", feature = "sqlite"))]
    if WAITS_FOR_OTHERS.get() {
        let ended = tokio::time::timeout(PATIENCE, test).await;
        return ended.expect("the test waits for something that never comes");
    }
    let mut test = pin!(test);
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    let mut idle_rounds = 0;
    poll_fn(|cx| {
        if woken.0.swap(false, Ordering::AcqRel) {
            idle_rounds = 0;
            if let Poll::Ready(result) = test.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(result);
            }
        }
        idle_rounds += 1;
        assert!(idle_rounds < IDLE_ROUNDS_MAX, "the test waits for something that never comes");
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Lets other tasks, and other threads where they take part, go on a little.
async fn go_round() {
    if WAITS_FOR_OTHERS.get() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    } else {
        tokio::task::yield_now().await;
    }
}

/// Lets all other tasks go as far as they can by themselves.
pub(crate) async fn let_others_go_on() {
    if WAITS_FOR_OTHERS.get() {
        // The one place where time has to pass: nobody tells when threads of their own have nothing left to do.
        tokio::time::sleep(SETTLING_TIME).await;
    }
    for _ in 0..SETTLING_ROUNDS {
        tokio::task::yield_now().await;
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}
