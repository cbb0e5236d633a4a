//! What the functions of the file do that a workflow calls, as deep as they are in it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use syn::{FnArg, Type};

use super::names::About;
use super::walk::Walk;
use crate::resolve::{Fallback, FileScope, Function, Generics, Head, Known, Marker};

/// Why a helper is not deterministic.
#[derive(Clone)]
pub(super) struct Reason {
    pub(super) about: &'static About,
    /// "calls `now_s`, which calls `std::time::SystemTime::now`, which reads the clock"
    pub(super) clause: String,
    /// The `cfg`s under which that is so.
    pub(super) conditions: Vec<String>,
}

/// A call of a function: with the types that it is called with, as far as they make a difference.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    /// Its address, which is the function's own as long as it is kept.
    function: *const Function,
    /// Whether it stands in a file.
    is_read: bool,
    generics: Generics,
    arguments: Vec<Option<Known>>,
}

/// What is known of helpers so far, in whatever function they were called.
#[derive(Default)]
pub(super) struct Helpers {
    reasons: RefCell<BTreeMap<Call, Option<Reason>>>,
    /// So that no address is taken twice.
    kept: RefCell<Vec<Rc<Function>>>,
    /// The calls that are being looked into, outermost first.
    open: RefCell<Vec<Call>>,
    /// The outermost call that what was looked into comes back to.
    back_to: Cell<Option<usize>>,
    looked_into: Cell<usize>,
    /// How many types of results are being looked for.
    depth: Rc<()>,
}

/// How deep calls are followed, and how many. Functions that call each other are looked into more than once.
const DEPTH_MAX: usize = 64;
const CALLS_MAX: usize = 4000;

/// How deep a result's type is looked for behind another one.
const RESULTS_MAX: usize = 4;

impl Helpers {
    /// Goes one function deeper for the type of a result, as long as the token lives; none where that was too deep.
    pub(super) fn deeper(&self) -> Option<Rc<()>> {
        (Rc::strong_count(&self.depth) <= RESULTS_MAX).then(|| Rc::clone(&self.depth))
    }

    /// Ends the walk of a function: what was found in the crate's files holds for the next, too.
    ///
    /// What stands in the function itself is forgotten: it has tokens of the compiler's, which must not outlive the macro's call.
    pub(super) fn end(&self) {
        self.looked_into.set(0);
        self.reasons.borrow_mut().retain(|call, _| call.is_read);
        self.kept.borrow_mut().retain(|function| function.is_read);
    }

    /// Why `function` is not deterministic, if it isn't.
    ///
    /// Functions that are marked are linted where they stand. What an `async` one does it does when it is awaited, which
    /// only a step can.
    pub(super) fn reason(
        &self,
        function: &Rc<Function>,
        generics: Generics,
        arguments: Vec<Option<Known>>,
        scope: &FileScope,
    ) -> Option<Reason> {
        if function.marker == Marker::Linted || function.is_async {
            return None;
        }
        let call = Call {
            function: Rc::as_ptr(function),
            is_read: function.is_read,
            generics,
            arguments: said_by_call(function, arguments),
        };
        if let Some(known) = self.reasons.borrow().get(&call) {
            return known.clone();
        }
        let at = self.open.borrow().len();
        // A function that calls itself adds nothing by that.
        if let Some(open) = self.open.borrow().iter().position(|open| *open == call) {
            self.back_to.set(Some(self.back_to.get().map_or(open, |outer| outer.min(open))));
            return None;
        }
        if at > DEPTH_MAX || self.looked_into.replace(self.looked_into.get() + 1) > CALLS_MAX {
            return None;
        }
        self.kept.borrow_mut().push(Rc::clone(function));
        self.open.borrow_mut().push(call.clone());
        let around = self.back_to.take();
        let reason = self.look_into(function, &call, scope);
        self.open.borrow_mut().pop();
        // What comes back to a call around this one is not decided before that one is.
        let inner = self.back_to.get().filter(|open| *open < at);
        if reason.is_some() || inner.is_none() {
            self.reasons.borrow_mut().insert(call, reason.clone());
        }
        self.back_to.set([inner, around].into_iter().flatten().min());
        reason
    }

    fn look_into(&self, function: &Function, call: &Call, scope: &FileScope) -> Option<Reason> {
        let _fallback = function.is_read.then(Fallback::enter);
        let scope = scope.at_home(function.home);
        let body = scope.body(function)?;
        let walk = Walk::of_helper(scope, self, call.generics.clone());
        let reason = walk.helper_reason(&function.sig, &body, &call.arguments)?;
        let conditions = function.conditions.iter().cloned().chain(reason.conditions).collect();
        Some(Reason { conditions, ..reason })
    }
}

/// The types of the arguments, where the signature leaves them open: `clock: &dyn Clock`, `clock: impl Clock`.
fn said_by_call(function: &Function, arguments: Vec<Option<Known>>) -> Vec<Option<Known>> {
    let is_open = |input: &FnArg| match input {
        FnArg::Typed(typed) => has_open_part(&typed.ty),
        FnArg::Receiver(_) => false,
    };
    let inputs = function.sig.inputs.iter();
    let says_more = |known: &Known| matches!(known.head, Head::Own(_)) && !known.arguments.is_empty();
    let is_of_use = |input, known: &Known| (is_open(input) && known.head != Head::Tuple) || says_more(known);
    let said = inputs.zip(arguments).map(|(input, known)| known.filter(|known| is_of_use(input, known)));
    let said: Vec<_> = said.collect();
    if said.iter().all(Option::is_none) { Vec::new() } else { said }
}

/// Whether a type is one of several: `dyn Trait`, `impl Trait`.
pub(super) fn has_open_part(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => has_open_part(&reference.elem),
        Type::Paren(paren) => has_open_part(&paren.elem),
        Type::ImplTrait(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &last.arguments {
            syn::PathArguments::AngleBracketed(list) => {
                list.args.iter().any(|argument| matches!(argument, syn::GenericArgument::Type(ty) if has_open_part(ty)))
            }
            _ => false,
        }),
        _ => false,
    }
}
