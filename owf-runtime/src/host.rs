//! Time and randomness: what the kernel cannot know by itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a driver takes time and randomness from.
pub trait Host: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;

    /// Waits until a time; ready at once if it is past.
    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()>;

    /// 64 random bits, for jitter and for generated run IDs.
    fn random(&self) -> u64;
}

/// The machine's clock, tokio's timer, and a thread-local random generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // The wall clock may be set back while tokio's monotonic timer runs, so it is read again.
            while let Ok(left) = until.duration_since(SystemTime::now())
                && !left.is_zero()
            {
                tokio::time::sleep(left).await;
            }
        })
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }
}

/// A clock for tests that jumps: whoever waits, waits no real time.
///
/// The clock starts at the Unix epoch, and each wait moves it to its end at once: a step that waits for something else loses against any
/// timer or timeout. Randomness comes from a seed.
pub struct VirtualHost {
    now: Mutex<SystemTime>,
    random: Mutex<fastrand::Rng>,
}

impl VirtualHost {
    /// A clock at the Unix epoch, and randomness from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> VirtualHost {
        VirtualHost { now: Mutex::new(SystemTime::UNIX_EPOCH), random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// The time that has passed on this clock.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

impl fmt::Debug for VirtualHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualHost").field("elapsed", &self.elapsed()).finish_non_exhaustive()
    }
}

impl Host for VirtualHost {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = until.max(*now);
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).u64(..)
    }
}
