//! What happens from outside at given virtual times.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::client::signal;
use crate::error::RunError;
use crate::kernel::{Mail, RunId};
use crate::local::LocalClient;
use crate::value::Json;

/// Something that is sent from outside.
#[derive(Clone)]
pub(super) enum Delivery {
    Mail { run: RunId, mail: Mail },
    Event { name: String, payload: Json },
}

impl Delivery {
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub(super) fn signal<T: Serialize + ?Sized>(run: RunId, name: String, value: &T) -> Delivery {
        match signal(name, value) {
            Ok(mail) => Delivery::Mail { run, mail },
            Err(reason) => panic!("the signal cannot be sent: {}", RunError::new("", run, reason)),
        }
    }

    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub(super) fn event<T: Serialize + ?Sized>(name: String, value: &T) -> Delivery {
        match Json::encode(value) {
            Ok(payload) => Delivery::Event { name, payload },
            Err(problem) => panic!("event `{name}` cannot be sent: {problem}"),
        }
    }

    pub(super) fn cancel(run: RunId, reason: String) -> Delivery {
        Delivery::Mail { run, mail: Mail::Cancel { reason } }
    }

    /// Sends it.
    pub(super) fn deliver(self, client: &LocalClient) -> Result<(), RunError> {
        match self {
            Delivery::Mail { run, mail } => {
                client.runs().send(&run, mail).map_err(|reason| RunError::new("", run, reason))
            }
            Delivery::Event { name, payload } => client.publish(&name, &payload).map(drop),
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delivery::Mail { run, mail: Mail::Signal { name, .. } } => write!(f, "signal `{name}` to run `{run}`"),
            Delivery::Mail { run, .. } => write!(f, "cancellation of run `{run}`"),
            Delivery::Event { name, .. } => write!(f, "event `{name}`"),
        }
    }
}

/// What could not be delivered. Clones are the same list.
#[derive(Clone, Default)]
pub(super) struct Undelivered(Arc<Mutex<Vec<String>>>);

impl Undelivered {
    pub(super) fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A point of virtual time at which something happens from outside: made by [`TestKit::at`](super::TestKit::at).
#[must_use = "nothing happens at this time until it is said what: add `.signal(&run, name, &value)`"]
pub struct At {
    pub(super) client: LocalClient,
    pub(super) undelivered: Undelivered,
    /// Since the beginning of the test.
    pub(super) time: Duration,
    /// From now on.
    pub(super) wait: Duration,
}

impl At {
    /// A signal is sent to a run: a [`RunHandle`](crate::RunHandle), or an ID.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn signal<T: Serialize + ?Sized>(self, run: impl Into<RunId>, name: impl Into<String>, value: &T) {
        let delivery = Delivery::signal(run.into(), name.into(), value);
        self.deliver(delivery);
    }

    /// An event is sent to all who wait for it.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn event<T: Serialize + ?Sized>(self, name: impl Into<String>, value: &T) {
        let delivery = Delivery::event(name.into(), value);
        self.deliver(delivery);
    }

    /// A run is cancelled: a [`RunHandle`](crate::RunHandle), or an ID.
    pub fn cancel(self, run: impl Into<RunId>, reason: impl Into<String>) {
        let delivery = Delivery::cancel(run.into(), reason.into());
        self.deliver(delivery);
    }

    fn deliver(self, delivery: Delivery) {
        let At { client, undelivered, time, wait } = self;
        tokio::spawn(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let what = delivery.to_string();
            if let Err(error) = delivery.deliver(&client) {
                undelivered.lines().push(format!("{what} at {time:?}: {error}"));
            }
        });
    }
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("At").field("time", &self.time).finish_non_exhaustive()
    }
}
