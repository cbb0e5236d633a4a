//! Virtual time: a host on tokio's paused clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::host::{BoxFuture, Host};

/// When virtual time begins: at the start of the year 2025, in UTC.
#[must_use]
pub fn begins_at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_735_689_600)
}

/// A host whose time stands still while anything can go on, and then jumps to the next timer.
///
/// It is tokio's paused clock, so that what a step's body waits for by `tokio::time` takes its place among the timers of the workflow.
pub(super) struct PausedHost {
    begun: Instant,
    random: Mutex<fastrand::Rng>,
}

impl PausedHost {
    /// Time from [`begins_at`], and randomness from a seed. To be made on a [`paused_runtime`].
    pub(super) fn new(seed: u64) -> PausedHost {
        PausedHost { begun: Instant::now(), random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// The time that has passed on this clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Where the source of randomness stands.
    pub(super) fn randomness(&self) -> fastrand::Rng {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts the source of randomness back to where it stood.
    pub(super) fn restore_randomness(&self, random: fastrand::Rng) {
        *self.random.lock().unwrap_or_else(PoisonError::into_inner) = random;
    }
}

impl Host for PausedHost {
    fn now(&self) -> SystemTime {
        begins_at() + self.elapsed()
    }

    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()> {
        let after = until.duration_since(begins_at()).unwrap_or_default();
        match self.begun.checked_add(after) {
            Some(instant) => Box::pin(tokio::time::sleep_until(instant)),
            // The clock cannot tell such a time, and never comes to it.
            None => Box::pin(std::future::pending()),
        }
    }

    fn random(&self) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).u64(..)
    }
}

/// A runtime of one thread, on which time is virtual.
pub(super) fn paused_runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap_or_else(|error| panic!("no runtime for virtual time could be built: {error}"))
}
