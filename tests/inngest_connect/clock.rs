//! A clock that stands still until a test moves it, which waits until the worker waits for it.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use owf_runtime::{BoxFuture, Host};
use tokio::sync::Notify;

use crate::server::in_time;

/// A host whose time passes only when a test says so.
#[derive(Clone)]
pub(crate) struct DrivenHost(Arc<Inner>);

struct Inner {
    clock: Mutex<Clock>,
    waits: Notify,
}

struct Clock {
    now: SystemTime,
    /// Who waits until when.
    sleepers: HashMap<u64, (SystemTime, Waker)>,
    count: u64,
}

impl DrivenHost {
    pub(crate) fn starting_at(now: SystemTime) -> DrivenHost {
        let clock = Mutex::new(Clock { now, sleepers: HashMap::new(), count: 0 });
        DrivenHost(Arc::new(Inner { clock, waits: Notify::new() }))
    }

    /// Lets so much time pass as somebody waits for, once somebody does; for none, nobody has to.
    pub(crate) async fn passes(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let waiting = async {
            loop {
                let waits = self.0.waits.notified();
                if self.is_waited_for(time) {
                    return;
                }
                waits.await;
            }
        };
        in_time(waiting).await;
        self.advance(time);
    }

    /// Lets time pass, whoever waits for it.
    pub(crate) fn advance(&self, time: Duration) {
        let mut clock = self.clock();
        clock.now += time;
        let now = clock.now;
        clock.sleepers.values().filter(|(until, _)| *until <= now).for_each(|(_, waker)| waker.wake_by_ref());
    }

    fn is_waited_for(&self, time: Duration) -> bool {
        let clock = self.clock();
        clock.sleepers.values().any(|(until, _)| *until == clock.now + time)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.0.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for DrivenHost {
    fn now(&self) -> SystemTime {
        self.clock().now
    }

    fn sleep_until(&self, until: SystemTime) -> BoxFuture<'static, ()> {
        let mut clock = self.clock();
        clock.count += 1;
        Box::pin(Sleep { host: self.clone(), until, number: clock.count })
    }

    /// The least there is, so that no wait is longer than it is said.
    fn random(&self) -> u64 {
        0
    }
}

struct Sleep {
    host: DrivenHost,
    until: SystemTime,
    number: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut clock = self.host.clock();
        if clock.now >= self.until {
            return Poll::Ready(());
        }
        clock.sleepers.insert(self.number, (self.until, cx.waker().clone()));
        self.host.0.waits.notify_waiters();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.host.clock().sleepers.remove(&self.number);
    }
}
