//! What steps did, as the world outside has it: whatever becomes of their process's memory or its store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

static EFFECTS: Mutex<Option<HashMap<String, Vec<String>>>> = Mutex::new(None);

fn effects() -> MutexGuard<'static, Option<HashMap<String, Vec<String>>>> {
    EFFECTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes an effect of a run, whose ID is no other test's.
pub(crate) fn note(run: &str, effect: impl Into<String>) {
    effects().get_or_insert_default().entry(run.to_owned()).or_default().push(effect.into());
}

/// The effects of a run, in their order.
pub(crate) fn of(run: &str) -> Vec<String> {
    effects().get_or_insert_default().get(run).cloned().unwrap_or_default()
}

/// How often a run had an effect.
pub(crate) fn count(run: &str, effect: &str) -> usize {
    of(run).iter().filter(|noted| *noted == effect).count()
}

/// A place where a step waits until the test lets it go on; each test has its own.
pub(crate) struct Gate {
    arrived: Semaphore,
    open: Semaphore,
}

impl Gate {
    pub(crate) const fn new() -> Gate {
        Gate { arrived: Semaphore::const_new(0), open: Semaphore::const_new(0) }
    }

    /// A step comes here, and waits.
    pub(crate) async fn pass(&self) {
        self.arrived.add_permits(1);
        self.open.acquire().await.expect("it is never closed").forget();
    }

    /// Waits until a step is here.
    pub(crate) async fn reached(&self) {
        crate::soon(self.arrived.acquire()).await.expect("it is never closed").forget();
    }

    /// Lets one step go on.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}
