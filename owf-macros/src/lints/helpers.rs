//! What the functions of the file do that a workflow calls, as deep as they are in it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::names::About;
use super::walk::Walk;
use crate::resolve::{Fallback, FileScope, Function, MacroRules, Marker};

/// Why a helper is not deterministic.
#[derive(Clone)]
pub(super) struct Reason {
    pub(super) about: &'static About,
    /// "calls `now_s`, which calls `std::time::SystemTime::now`, which reads the clock"
    pub(super) clause: String,
}

/// A function, and why it is not deterministic, if it isn't.
type Known = (Rc<Function>, Option<Reason>);

/// What is known of helpers so far.
#[derive(Default)]
pub(super) struct Helpers {
    /// By address, which is the function's own as long as it is kept here.
    reasons: RefCell<BTreeMap<*const Function, Known>>,
}

impl Helpers {
    /// Why `function` is not deterministic, if it isn't.
    ///
    /// Functions that are marked are linted where they stand. What an `async` one does it does when it is awaited, which
    /// only a step can.
    pub(super) fn reason(&self, function: &Rc<Function>, scope: &FileScope) -> Option<Reason> {
        if function.marker == Marker::Linted || function.is_async {
            return None;
        }
        let key = Rc::as_ptr(function);
        if let Some((_, known)) = self.reasons.borrow().get(&key) {
            return known.clone();
        }
        // A function that calls itself adds nothing by that.
        self.reasons.borrow_mut().insert(key, (Rc::clone(function), None));
        let _fallback = function.is_read.then(Fallback::enter);
        let scope = if function.is_read { scope.of_function(function) } else { scope.clone() };
        let reason = scope.body(function).and_then(|body| {
            Walk::of_helper(scope.clone(), self, function.owner.clone()).helper_reason(&function.sig, &body)
        });
        self.reasons.borrow_mut().insert(key, (Rc::clone(function), reason.clone()));
        reason
    }

    /// Why the expansion of a macro of the file is not deterministic, if its tokens tell.
    pub(super) fn macro_reason(&self, rules: &MacroRules, scope: &FileScope) -> Option<Reason> {
        Walk::of_helper(scope.clone(), self, None).tokens_reason(rules.tokens.clone())
    }
}
