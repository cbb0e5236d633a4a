//! What the macro calls of a function say, read once for all who look at them.
//!
//! A call is known by where its `!` stands. That is told for code as the user wrote it; what a macro made may stand anywhere, and is read
//! each time. What is remembered is the user's code, so who changes a call, or reads one that was changed, does so without this.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use syn::Macro;

use super::macros::Arguments;
use crate::diagnostics::Diagnostics;
use crate::step::model::Step;
use crate::step::parse_step;

#[derive(Default)]
struct Read {
    /// `None` for what can't be read.
    arguments: BTreeMap<String, Option<Rc<Arguments>>>,
    steps: BTreeMap<String, Rc<Step>>,
}

thread_local! {
    /// Of the function that is expanded, if one is.
    static READ: RefCell<Option<Read>> = const { RefCell::new(None) };
}

/// Remembers what is read while `expand` works on a function, and no longer: the compiler takes its tokens back.
pub(crate) fn remembering<R>(expand: impl FnOnce() -> R) -> R {
    struct Forget(Option<Read>);
    impl Drop for Forget {
        fn drop(&mut self) {
            READ.set(self.0.take());
        }
    }
    let _forget = Forget(READ.replace(Some(Read::default())));
    expand()
}

/// Where the call stands, if that tells it from all others.
fn place(call: &Macro) -> Option<String> {
    let place = format!("{:?}", call.bang_token.span);
    place.starts_with("#0 bytes(").then_some(place)
}

/// The arguments of a call, as [`Arguments::parse`] reads them.
pub(crate) fn arguments(call: &Macro) -> Option<Rc<Arguments>> {
    let read = || Arguments::parse(call).map(Rc::new);
    let Some(place) = place(call) else { return read() };
    if let Some(known) = known(|read| read.arguments.get(&place).cloned()) {
        return known;
    }
    let arguments = read();
    remember(|read| read.arguments.insert(place, arguments.clone()));
    arguments
}

/// The step that a call is; what is wrong with it is reported to `diagnostics` each time.
pub(crate) fn step(call: &Macro, diagnostics: &mut Diagnostics) -> Option<Rc<Step>> {
    let place = place(call);
    if let Some(known) = place.as_ref().and_then(|place| known(|read| read.steps.get(place).cloned())) {
        return Some(known);
    }
    let mut found = Diagnostics::default();
    let step = parse_step(call, &mut found).map(Rc::new);
    if let (Some(place), Some(step), true) = (place, &step, found.is_empty()) {
        remember(|read| read.steps.insert(place, Rc::clone(step)));
    }
    diagnostics.append(found);
    step
}

/// Forgets the step, so that its last reader need not copy it.
pub(crate) fn take_step(call: &Macro) -> Option<Step> {
    let step = step(call, &mut Diagnostics::default())?;
    if let Some(place) = place(call) {
        remember(|read| read.steps.remove(&place));
    }
    Some(Rc::unwrap_or_clone(step))
}

/// Forgets the arguments, so that their last reader need not copy them.
pub(crate) fn take_arguments(call: &Macro) -> Option<Arguments> {
    let arguments = arguments(call)?;
    if let Some(place) = place(call) {
        remember(|read| read.arguments.remove(&place));
    }
    Some(Rc::unwrap_or_clone(arguments))
}

fn known<R>(find: impl FnOnce(&Read) -> Option<R>) -> Option<R> {
    READ.with_borrow(|read| read.as_ref().and_then(find))
}

fn remember<R>(change: impl FnOnce(&mut Read) -> R) {
    READ.with_borrow_mut(|read| read.as_mut().map(change));
}
