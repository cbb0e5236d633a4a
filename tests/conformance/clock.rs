//! A clock that stands still until a test moves it.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use owf_runtime::{BoxFuture, Host};

/// A host whose time passes by [`advance`](DrivenHost::advance) only.
#[derive(Clone)]
pub(crate) struct DrivenHost(Arc<Mutex<Clock>>);

struct Clock {
    now: SystemTime,
    random: u64,
    waiting: Vec<Waker>,
}

impl DrivenHost {
    pub(crate) fn starting_at(now: SystemTime) -> DrivenHost {
        DrivenHost(Arc::new(Mutex::new(Clock { now, random: 0, waiting: Vec::new() })))
    }

    pub(crate) fn advance(&self, time: Duration) {
        let mut clock = self.clock();
        clock.now += time;
        let waiting = std::mem::take(&mut clock.waiting);
        drop(clock);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for DrivenHost {
    fn now(&self) -> SystemTime {
        self.clock().now
    }

    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()> {
        let host = self.clone();
        Box::pin(poll_fn(move |cx| {
            let mut clock = host.clock();
            if clock.now >= until {
                return Poll::Ready(());
            }
            clock.waiting.push(cx.waker().clone());
            Poll::Pending
        }))
    }

    fn random(&self) -> u64 {
        let mut clock = self.clock();
        clock.random += 1;
        clock.random
    }
}
