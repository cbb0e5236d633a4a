//! Steps that outlive variables which they use: `for item in &items { steps.push(step!("ship", ship(item))); }`.
//!
//! As one that leaves a closure, such a step owns the variables that end before the list in which it is, and borrows the others.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::Macro;

use super::captures::Bound;

/// The variables that steps have to own, by where the step stands.
#[derive(Default)]
pub(crate) struct Leaving(RefCell<BTreeMap<(usize, usize), Bound>>);

impl Leaving {
    /// Notes what the step that a call is has to own.
    pub(crate) fn note(&self, step: &Macro, own: Bound) {
        self.0.borrow_mut().insert(place(step.bang_token.span), own);
    }

    pub(crate) fn of(&self, step: &Macro) -> Option<Bound> {
        let all = self.0.borrow();
        if all.is_empty() { None } else { all.get(&place(step.bang_token.span)).cloned() }
    }
}

fn place(span: Span) -> (usize, usize) {
    let start = span.start();
    (start.line, start.column)
}
