//! Who is told what becomes of cleanups: whoever explores runs on this thread.
//!
//! A cleanup is no operation. What is recorded of it are its steps, so that nothing else tells of one that never began.

use std::cell::RefCell;
use std::fmt;
use std::panic::Location;

use super::id::RunId;

thread_local! {
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

type Watcher = Box<dyn FnMut(&RunId, CleanupSite, CleanupFate)>;

/// Where a cleanup was registered, and how many were registered there before, in the same pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CleanupSite {
    pub(crate) location: &'static Location<'static>,
    pub(crate) earlier: u32,
}

/// What became of a cleanup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CleanupFate {
    Registered,
    RanToItsEnd,
}

impl fmt::Display for CleanupSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CleanupSite { location, earlier } = self;
        match earlier {
            0 => write!(f, "{location}"),
            earlier => write!(f, "{location} (number {})", earlier + 1),
        }
    }
}

/// Tells `watcher` of all cleanups on this thread, until what is returned is dropped.
pub(crate) fn watch_cleanups(watcher: impl FnMut(&RunId, CleanupSite, CleanupFate) + 'static) -> Watching {
    WATCHER.set(Some(Box::new(watcher)));
    Watching(())
}

/// Ends the watching with its life.
pub(crate) struct Watching(());

impl Drop for Watching {
    fn drop(&mut self) {
        WATCHER.set(None);
    }
}

pub(super) fn is_watched() -> bool {
    WATCHER.with_borrow(Option::is_some)
}

pub(super) fn tell_of_cleanup(run: &RunId, site: CleanupSite, fate: CleanupFate) {
    WATCHER.with_borrow_mut(|watcher| {
        if let Some(watcher) = watcher {
            watcher(run, site, fate);
        }
    });
}
