//! Makes a call of the runtime out of a step.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::VisitMut as _;
use syn::{Expr, ExprLit, Lit, LitStr};

use super::callees::{Names, await_call};
use super::captures::{Bound, Closure};
use super::content::{StepBody, expand_content, into_failure};
use super::kept::find_self;
use super::model::{Body, Content, Step};
use super::mutation::{find_mutations, find_suspect};
use super::options::valid_options;
use super::shape::Shape;
use super::transaction::{declare_connection, expand_transaction};
use super::undo::expand_undo;
use crate::arguments::Argument;
use crate::body::expand::bare;
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;
use crate::resolve::FileScope;
use crate::spans::{self, Ends, parenthesized};

/// What is around a step and matters to its expansion.
#[derive(Clone, Copy, Default)]
pub(crate) struct Around<'a> {
    /// Whether nobody looks at its value.
    pub(crate) is_discarded: bool,
    /// Whether it is to be a future, as it is awaited where it is made.
    pub(crate) is_awaited: bool,
    /// The closure that makes it.
    pub(crate) closure: Option<Closure<'a>>,
    /// The variables of the function.
    pub(crate) variables: Option<&'a Bound>,
    /// What the names in it stand for.
    pub(crate) scope: Option<&'a FileScope>,
    /// Whether it was reported that the body is a future.
    pub(crate) is_future: bool,
}

/// Expands a step, whose id and option expressions are rewritten already.
pub(crate) fn expand_step(step: Step, around: Around<'_>, krate: &Krate) -> TokenStream {
    if !step.is_transaction {
        return expand_plain(step, around, krate);
    }
    let span = step.span;
    let expanded = match &step.body {
        Body::Transaction(closure) => {
            let closure = closure.clone();
            match is_mutating(&step, around) || find_self(&closure).is_some() {
                true => expand_mutating(step, around, krate),
                false => await_if_asked(expand_transaction(step, &closure, around, krate), span, around, krate),
            }
        }
        _ => expand_plain(step, around, krate),
    };
    // It stands for an error where the feature that it needs is off.
    let with_sqlite = krate.private("with_sqlite", Span::mixed_site().located_at(span));
    quote!(#with_sqlite!(#expanded))
}

fn is_mutating(step: &Step, around: Around<'_>) -> bool {
    around.variables.is_some_and(|variables| !find_mutations(step, variables).is_empty())
}

fn expand_plain(mut step: Step, around: Around<'_>, krate: &Krate) -> TokenStream {
    step.body = step.body.mended();
    let span = step.span;
    if is_mutating(&step, around) {
        expand_mutating(step, around, krate)
    } else if is_simple(&step, around) {
        // Most steps are: they are made as a future, with one call.
        expand_borrowing(step, around, krate, true)
    } else {
        await_if_asked(expand_durable(step, around, krate), span, around, krate)
    }
}

fn await_if_asked(step: TokenStream, span: Span, around: Around<'_>, krate: &Krate) -> TokenStream {
    if around.is_awaited { spans::call(krate.private("awaited", span), step, span) } else { step }
}

/// A step that changes a variable, which was reported.
fn expand_mutating(step: Step, around: Around<'_>, krate: &Krate) -> TokenStream {
    let span = step.span;
    let expanded = expand_refused("mutating_step", quote!(async), step, krate);
    if around.is_awaited { spans::call(krate.private("awaited_mutating", span), expanded, span) } else { expanded }
}

/// Whether a step is awaited where it is made, borrows, and has no options.
fn is_simple(step: &Step, around: Around<'_>) -> bool {
    let is_borrowing = !matches!(step.body, Body::Owning(_)) && around.closure.is_none();
    around.is_awaited && is_borrowing && step.undo.is_none() && step.options.is_empty()
}

fn expand_durable(mut step: Step, around: Around<'_>, krate: &Krate) -> TokenStream {
    let is_owning = matches!(step.body, Body::Owning(_));
    let undo = step.undo.take();
    let expanded = if is_owning || around.closure.is_some() {
        let mut outer = TokenStream::new();
        let parts = Parts::new_async(step, around, krate, |content| {
            if let (Some(closure), false) = (around.closure, is_owning) {
                outer = closure.borrow_outer(content);
            }
        });
        parts.owning(&outer, krate)
    } else {
        expand_borrowing(step, around, krate, false)
    };
    match &undo {
        Some(undo) => expand_undo(expanded, undo, around, krate),
        None => expanded,
    }
}

/// A step whose body borrows. One that `is_simple` has no options, and is awaited where it is made.
fn expand_borrowing(step: Step, around: Around<'_>, krate: &Krate, is_simple: bool) -> TokenStream {
    let suspect = around.variables.and_then(|variables| find_suspect(&step, variables));
    let parts = Parts::new(step, around, krate);
    // What rustc says of a captured variable that changes is about the closure, so that stands at the variable.
    let at = suspect.unwrap_or(parts.place.body.first);
    let constructor = match (&parts.shape, is_simple) {
        (Shape::Async, false) => "step",
        (Shape::Async, true) => "awaited_step",
        (Shape::Sync, false) => "sync_step",
        (Shape::Sync, true) => "awaited_sync_step",
        (Shape::Future { .. }, false) => "future_step",
        (Shape::Future { .. }, true) => "awaited_future_step",
    };
    let form = match &parts.shape {
        Shape::Async => quote_spanned!(at=> || async),
        Shape::Sync | Shape::Future { .. } => quote_spanned!(at=> ||),
    };
    parts.borrowing(constructor, &form, is_simple, krate)
}

/// Expands a step that was reported to something of the same type, in which what is wrong is no error again.
pub(super) fn expand_refused(constructor: &str, form: TokenStream, step: Step, krate: &Krate) -> TokenStream {
    let connection = match &step.body {
        Body::Transaction(closure) => declare_connection(closure, krate),
        _ => None,
    };
    let declare = |content: &mut Content| content.stmts.splice(0..0, connection).for_each(drop);
    Parts::new_async(step, Around::default(), krate, declare).borrowing(constructor, &form, false, krate)
}

/// Where generated tokens claim to stand: the call where the body's value stands, and the closure where the body
/// begins, so that errors about the value and about what the body borrows point there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) body: Ends,
    pub(super) value: Ends,
}

impl Place {
    fn of(content: &Content, span: Span) -> Self {
        let Content { stmts, tail, .. } = content;
        let value = tail.as_ref().map(|tail| Ends::of_expr(tail, span));
        let body = match (&value, stmts.as_slice()) {
            (Some(value), []) => *value,
            _ => Ends::of(quote!(#(#stmts)* #tail), span),
        };
        Place { body, value: value.unwrap_or(body) }
    }
}

/// The expanded parts of a step.
pub(super) struct Parts {
    pub(super) id: Expr,
    options: Vec<Argument>,
    /// Whether `retries = 0` says that the body is begun once.
    is_single: bool,
    shape: Shape,
    /// In braces.
    pub(super) body: TokenTree,
    /// What makes a future's error the one that is recorded.
    failure: Option<TokenStream>,
    pub(super) place: Place,
    span: Span,
}

impl Parts {
    /// Of a step that borrows.
    fn new(step: Step, around: Around<'_>, krate: &Krate) -> Self {
        Parts::shaped(step, around, krate, |_| {}, Shape::of)
    }

    /// Of a step whose body is made as an `async` block, whatever it is.
    pub(super) fn new_async(step: Step, around: Around<'_>, krate: &Krate, prepare: impl FnOnce(&mut Content)) -> Self {
        Parts::shaped(step, around, krate, prepare, |_, _| Shape::Async)
    }

    fn shaped(
        step: Step,
        around: Around<'_>,
        krate: &Krate,
        prepare: impl FnOnce(&mut Content),
        shape: impl FnOnce(&Content, Names<'_>) -> Shape,
    ) -> Self {
        let options = valid_options(&step, &mut Diagnostics::default());
        let is_single = step.options.iter().any(is_no_retries);
        let Step { span, id, body, .. } = step;
        let mut content = body.into_content();
        let place = Place::of(&content, span);
        let names = Names { scope: around.scope, variables: around.variables };
        if around.is_future {
            content.tail = content.tail.map(|call| await_call(names.called(&call), call));
        }
        prepare(&mut content);
        let shape = shape(&content, names);
        let (inner, failure) = match &shape {
            Shape::Future { call, callee } => {
                let question = content.tail.as_ref().map_or(span, |tail| Ends::of_expr(tail, span).last);
                let mut call = call.clone();
                let mut rewrite = StepBody { krate, names, own: true, is_sync: false };
                rewrite.visit_expr_mut(&mut call);
                (call.to_token_stream(), Some(into_failure(*callee, question, krate)))
            }
            Shape::Async | Shape::Sync => (expand_content(content, around, krate), None),
        };
        let mut body = Group::new(Delimiter::Brace, inner);
        body.set_span(place.body.last);
        let id = text_id(id);
        Parts { id, options, is_single, shape, body: body.into(), failure, place, span }
    }

    /// `step(id, options, || async { .. })`, or what its shape has in place of the `async` block.
    fn borrowing(&self, constructor: &str, form: &TokenStream, is_simple: bool, krate: &Krate) -> TokenStream {
        let Parts { body, failure, place, .. } = self;
        let id = bare(&self.id);
        let constructor = krate.private(constructor, place.value.first);
        let options = (!is_simple).then(|| self.expand_options(krate)).map(|options| quote!(#options,));
        let failure = failure.iter();
        let arguments = parenthesized(quote!(#id, #options #form #body #(, #failure)*), place.value.last);
        quote!(#constructor #arguments)
    }

    /// `owned_step(id, options, move || async move { .. })`.
    fn owning(&self, outer: &TokenStream, krate: &Krate) -> TokenStream {
        let Parts { is_single, body, place, span, .. } = self;
        let (id, options) = (bare(&self.id), self.expand_options(krate));
        let here = Span::mixed_site().located_at(*span);
        let constructor = krate.private(if *is_single { "single_step" } else { "owned_step" }, place.value.first);
        let closure = quote_spanned!(place.body.first=> move || async move);
        let owned =
            if outer.is_empty() { quote!(#closure #body) } else { quote_spanned!(here=> { #outer #closure #body }) };
        let arguments = parenthesized(quote!(#id, #options, #owned), place.value.last);
        quote!(#constructor #arguments)
    }

    pub(super) fn expand_options(&self, krate: &Krate) -> TokenStream {
        let here = Span::mixed_site().located_at(self.span);
        let new = krate.private("StepOptions", here);
        let setters = self.options.iter().map(|Argument { name, value, .. }| {
            let value = value.as_ref().map(bare);
            if name == "input" { quote!(.#name(&#value)) } else { quote!(.#name(#value)) }
        });
        quote_spanned!(here=> #new::new() #(#setters)*)
    }
}

fn is_no_retries(option: &Argument) -> bool {
    let is_zero = |value: &Expr| matches!(value, Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.base10_digits() == "0");
    option.name == "retries" && option.value.as_ref().is_some_and(is_zero)
}

/// The id, or some text for a literal that is none, which was reported.
fn text_id(id: Expr) -> Expr {
    match &id {
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => id,
        Expr::Lit(_) => Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(LitStr::new("", Span::mixed_site())) }),
        _ => id,
    }
}
