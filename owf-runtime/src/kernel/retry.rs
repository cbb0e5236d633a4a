//! When a failed step or run is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often a step is retried where nothing else is said.
const RETRIES_DEFAULT: u32 = 3;

/// How often a failure is retried, and how long the waits in between are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// The attempts after the first one.
    pub retries: u32,
    /// The waits between attempts.
    pub backoff: Backoff,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { retries: RETRIES_DEFAULT, backoff: Backoff::default() }
    }
}

/// The wait before each retry: doubled each time up to a limit, with jitter.
///
/// A [`Duration`] converts to a backoff of that length each time, without jitter.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
///
/// const PATIENT: Backoff = Backoff::exponential(Duration::from_secs(30)).limit(Duration::from_secs(3600));
///
/// #[workflow]
/// async fn sync(page: u32) -> WorkflowResult<u32> {
///     let fetched = step!("fetch", retries = 20, backoff = PATIENT, page + 1).await?;
///     Ok(step!("store", backoff = Duration::from_secs(1), fetched * 2).await?)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    first: Duration,
    limit: Duration,
    jitter: bool,
}

impl Backoff {
    /// Waits `first`, then twice, four times, ... that long, at most a minute; with jitter.
    #[must_use]
    pub const fn exponential(first: Duration) -> Backoff {
        let minute = Duration::from_secs(60);
        let limit = if first.as_nanos() > minute.as_nanos() { first } else { minute };
        Backoff { first, limit, jitter: true }
    }

    /// Waits the same time before each retry; without jitter.
    #[must_use]
    pub const fn fixed(delay: Duration) -> Backoff {
        Backoff { first: delay, limit: delay, jitter: false }
    }

    /// Sets the longest wait.
    #[must_use]
    pub const fn limit(mut self, limit: Duration) -> Backoff {
        self.limit = limit;
        self
    }

    /// Sets whether each wait is cut by a random part of up to a half, so that failures do not retry in step.
    #[must_use]
    pub const fn jitter(mut self, jitter: bool) -> Backoff {
        self.jitter = jitter;
        self
    }

    /// The wait after the failed attempt number `attempt` (1 is the first); `random` is any 64 random bits.
    #[must_use]
    pub fn delay(&self, attempt: u32, random: u64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.limit);
        if !self.jitter {
            return full;
        }
        let half = full / 2;
        // 32 bits of randomness are enough for a wait and keep the arithmetic exact.
        let part = half.as_nanos().saturating_mul(u128::from(random >> 32)) >> 32;
        half + Duration::from_nanos(u64::try_from(part).unwrap_or(u64::MAX))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff::exponential(Duration::from_secs(1))
    }
}

impl From<Duration> for Backoff {
    fn from(delay: Duration) -> Self {
        Backoff::fixed(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit() {
        let backoff = Backoff::exponential(Duration::from_secs(1)).limit(Duration::from_secs(5)).jitter(false);
        let waits: Vec<u64> = (1..=5).map(|attempt| backoff.delay(attempt, 0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5]);
    }

    #[test]
    fn jitter_cuts_at_most_half() {
        let backoff = Backoff::exponential(Duration::from_secs(8));
        assert_eq!(backoff.delay(1, 0), Duration::from_secs(4));
        let longest = backoff.delay(1, u64::MAX);
        assert!(longest > Duration::from_millis(7999) && longest <= Duration::from_secs(8), "{longest:?}");
    }

    #[test]
    fn late_attempts_do_not_overflow() {
        assert_eq!(Backoff::default().jitter(false).delay(u32::MAX, 0), Duration::from_secs(60));
    }

    #[test]
    fn a_fixed_wait_stays_as_it_is() {
        let backoff = Backoff::from(Duration::from_secs(90));
        assert_eq!(backoff.delay(7, u64::MAX), Duration::from_secs(90));
    }
}
