//! Time and randomness: what the kernel cannot know by itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
///
/// Where a test has paused tokio's clock (`start_paused = true`), this one jumps along with it.
#[derive(Clone, Debug, Default)]
pub struct SystemHost {
    /// How far a paused clock has jumped ahead, in nanoseconds.
    ahead: Arc<AtomicU64>,
}

/// More than this, and it was no scheduling delay that tokio's clock is ahead by.
const JUMP_MIN: Duration = Duration::from_millis(1);

impl SystemHost {
    /// The clock as the machine tells it.
    #[must_use]
    pub fn new() -> SystemHost {
        SystemHost::default()
    }
}

impl Host for SystemHost {
    fn now(&self) -> SystemTime {
        let now = SystemTime::now();
        match self.ahead.load(Ordering::Relaxed) {
            0 => now,
            ahead => now + Duration::from_nanos(ahead),
        }
    }

    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()> {
        let host = self.clone();
        Box::pin(async move {
            // The wall clock may be set back while tokio's monotonic timer runs, so it is read again.
            while let Ok(left) = until.duration_since(host.now())
                && !left.is_zero()
            {
                let (driven, real) = (tokio::time::Instant::now(), std::time::Instant::now());
                tokio::time::sleep(left).await;
                let jump = driven.elapsed().saturating_sub(real.elapsed());
                if jump > JUMP_MIN {
                    let nanos = u64::try_from(jump.as_nanos()).unwrap_or(u64::MAX);
                    host.ahead.fetch_add(nanos, Ordering::Relaxed);
                }
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
/// timer or timeout. Randomness comes from a seed. For tests of workflows there is more in `testing::TestKit`.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use owf_runtime::VirtualHost;
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn patient(days: u32) -> WorkflowResult<u32> {
///     sleep("wait", days * Duration::from_secs(24 * 3600)).await?;
///     Ok(days)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), RunError> {
/// let host = Arc::new(VirtualHost::new(42));
/// let client = WorkflowClient::new(InMemoryDriver::with_host(host.clone()));
/// assert_eq!(client.invoke(patient, 365).await?, 365);
/// assert_eq!(host.elapsed(), 365 * Duration::from_secs(24 * 3600));
/// # Ok(())
/// # }
/// ```
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
