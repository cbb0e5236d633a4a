//! What happens at its time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Call, Engine, State, Time};

/// How often a server lets others go on before its clock jumps, while no call is under way.
const IDLE_ROUNDS: u32 = 100;

/// How long calls that are under way must not have come further, before the clock jumps all the same: what they wait for is not there.
const STUCK_FOR: Duration = Duration::from_millis(30);

/// Something that happens at its time.
pub(super) struct Timer {
    due: SystemTime,
    number: u64,
    what: Due,
}

#[derive(Clone)]
pub(super) enum Due {
    Call(Call),
    /// A sleep is over.
    Sleep {
        run: String,
        operation: Value,
    },
    /// A wait is.
    Expiry {
        run: String,
        id: String,
    },
}

impl Engine {
    /// Sees to it that something happens at its time.
    pub(super) fn at(self: &Arc<Self>, state: &mut State, due: SystemTime, what: Due) {
        state.numbers += 1;
        let number = state.numbers;
        match self.time {
            Time::Jumps => state.timers.push(Timer { due, number, what }),
            Time::IsDriven => {
                let engine = self.clone();
                tokio::spawn(async move {
                    engine.host.sleep_until(due).await;
                    engine.come_due(what);
                });
            }
        }
    }

    /// Moves the clock on when nothing else happens.
    pub(super) async fn keep_time(self: Arc<Self>) {
        loop {
            let mut happened = std::pin::pin!(self.happened.notified());
            happened.as_mut().enable();
            if self.state().timers.is_empty() {
                happened.await;
            } else if self.settles().await
                && let Some(timer) = self.next_timer()
            {
                self.host.sleep_until(timer.due).await;
                self.come_due(timer.what);
            }
        }
    }

    /// Takes the first of the timers that anybody waits for.
    fn next_timer(&self) -> Option<Timer> {
        let mut state = self.state();
        let mut timers = std::mem::take(&mut state.timers);
        timers.retain(|timer| self.concerns_anybody(&state, &timer.what));
        let first = timers.iter().enumerate().min_by_key(|(_, timer)| (timer.due, timer.number));
        let first = first.map(|(place, _)| place).map(|place| timers.remove(place));
        state.timers = timers;
        first
    }

    /// Whether nothing happens any more without the clock.
    async fn settles(&self) -> bool {
        let before = self.progress.load(Ordering::Relaxed);
        let has_moved = || self.progress.load(Ordering::Relaxed) != before;
        for _ in 0..IDLE_ROUNDS {
            tokio::task::yield_now().await;
        }
        if self.state().is_about_to_hear() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            return false;
        }
        let since = std::time::Instant::now();
        while !has_moved() && self.state().calls_under_way > 0 && since.elapsed() < STUCK_FOR {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        !has_moved()
    }

    /// Whether the clock has to be moved for it: what is over waits for nothing.
    fn concerns_anybody(&self, state: &State, what: &Due) -> bool {
        match what {
            Due::Call(Call { run, .. }) | Due::Sleep { run, .. } => {
                state.runs.get(run).is_some_and(|run| run.end.is_none())
            }
            Due::Expiry { run, id } => state.pauses.iter().any(|pause| pause.is(run, id)),
        }
    }

    fn come_due(self: &Arc<Self>, what: Due) {
        let mut state = self.state();
        if self.concerns_anybody(&state, &what) {
            match what {
                Due::Call(call) => self.call(&mut state, call),
                Due::Sleep { run, operation } => self.record(&mut state, &run, &operation, 0, Value::Null),
                Due::Expiry { run, id } => self.expire(&mut state, &run, &id),
            }
        }
        drop(state);
        self.note_progress();
    }
}
