//! The session whose workflow is being polled on this thread.
//!
//! A session's state is moved here for the time of a poll, so that steps reach it without a lock, a reference count
//! or a parameter in the user's code.

use std::cell::RefCell;

use super::state::State;

thread_local! {
    static CURRENT: RefCell<Option<Box<State>>> = const { RefCell::new(None) };
}

/// Runs `poll` with `state` as the current one, and hands the state back.
pub(super) fn inside<R>(state: Box<State>, poll: impl FnOnce() -> R) -> (Option<Box<State>>, R) {
    let outer = CURRENT.replace(Some(state));
    let result = poll();
    (CURRENT.replace(outer), result)
}

/// The current state, taken out for a time in which user code may run: it finds no workflow around it.
pub(crate) struct Borrowed(Option<Box<State>>);

impl Borrowed {
    pub(crate) fn state(&mut self) -> Option<&mut State> {
        self.0.as_deref_mut()
    }
}

impl Drop for Borrowed {
    /// Puts the state back, also when the user code unwinds.
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Takes the current state out until what it returns is dropped.
pub(crate) fn borrow_out() -> Borrowed {
    Borrowed(CURRENT.take())
}

/// Uses the current state; `None` outside a workflow. `using` must not run user code.
pub(crate) fn with_state<R>(using: impl FnOnce(&mut State) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|current| current.as_deref_mut().map(using))
}
