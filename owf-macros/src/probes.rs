//! Probes: what the types of a body's expressions tell, where their names don't.
//!
//! An expression is evaluated once and as it was: `match expression { value => { check(&value); value } }`, which keeps
//! temporaries and moves as they are. What each check accepts, and what it says, is in the runtime's `probe.rs`. Its
//! tokens stand at the user's token that is wrong, so that this is underlined.

pub(crate) mod captures;
pub(crate) mod format;
pub(crate) mod identity;
pub(crate) mod order;
mod purity;
mod sorting;
pub(crate) mod told;
mod turns;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprCall, ExprMethodCall, UnOp};

use crate::krate::Krate;
use crate::lints::Lint;
use crate::resolve::{FileScope, Resolved};
use crate::spans::{Ends, parenthesized};
use crate::step::captures::Bound;

/// A question about a type.
#[derive(Clone, Copy)]
pub(crate) enum Question {
    /// Is it an iterator over a hash map or set?
    Order,
    /// Is it a hash map or set?
    Entries,
    /// Does its text have the order of a hash map or set?
    Text,
    /// Does it have an `elapsed` that reads the clock?
    Clock,
    /// Does it have methods that ask the file system?
    File,
    /// Is it what a lookup of a host name yields?
    Lookup,
    /// Does it change through a shared reference?
    Capture,
}

impl Question {
    pub(crate) fn lint(self) -> Lint {
        match self {
            Question::Order | Question::Entries | Question::Text => Lint::HashIteration,
            Question::Clock => Lint::WallClock,
            Question::File | Question::Lookup => Lint::Io,
            Question::Capture => Lint::LostMutation,
        }
    }

    /// The method of the runtime's `Probe`, and the trait that its verdict is handed to.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Question::Order => ("order", "SameOnReplay"),
            Question::Entries => ("entries", "SameOrder"),
            Question::Text => ("text", "SameText"),
            Question::Clock => ("clock", "SameTime"),
            Question::File => ("file", "SameFiles"),
            Question::Lookup => ("lookup", "SameAddresses"),
            Question::Capture => ("capture", "Kept"),
        }
    }
}

/// Where an expression is probed.
#[derive(Clone, Copy)]
pub(crate) enum Site {
    /// What a method is called on.
    Receiver(Question),
    /// What a method returns.
    Result(Question),
    /// What a `for` goes through.
    Head,
    /// What `from_iter` takes.
    Argument,
    /// What a serializer makes a text of.
    Serialized,
}

impl Site {
    pub(crate) fn lint(self) -> Lint {
        match self {
            Site::Receiver(question) | Site::Result(question) => question.lint(),
            Site::Head | Site::Argument | Site::Serialized => Question::Entries.lint(),
        }
    }
}

/// Methods without arguments, by whose receiver they have an effect.
const ASK_FILES: &[&str] = &[
    "canonicalize",
    "exists",
    "is_dir",
    "is_file",
    "is_symlink",
    "metadata",
    "read_dir",
    "read_link",
    "symlink_metadata",
    "try_exists",
];

/// Whether a method of this name is told by the type of its receiver.
pub(crate) fn asks_receiver(method: &str) -> bool {
    matches!(method, "elapsed" | "to_socket_addrs") || ASK_FILES.contains(&method)
}

/// Functions of serde's formats.
const SERIALIZERS: &[&str] =
    &["serialize", "to_allocvec", "to_string", "to_string_pretty", "to_vec", "to_vec_pretty", "to_writer"];

/// Where to ask about an expression, if anywhere.
pub(crate) fn site(expr: &Expr, variables: &Bound, scope: &FileScope) -> Option<Site> {
    match expr {
        // What is a constant of the standard library by its name is found by names.
        Expr::MethodCall(call) if is_constant(&call.receiver, variables, scope) => None,
        Expr::MethodCall(call) => method_site(call, variables),
        Expr::Call(call) if serializes(call, scope) => Some(Site::Serialized),
        Expr::ForLoop(node) => is_head_in_question(&node.expr).then_some(Site::Head),
        Expr::Call(call) => {
            let is_in_question = order::is_from_iter_in_order(call) && call.args.iter().all(is_head_in_question);
            is_in_question.then_some(Site::Argument)
        }
        _ => None,
    }
}

/// Whether the function, which is not the user's own, makes a text of its argument.
pub(crate) fn serializes(call: &ExprCall, scope: &FileScope) -> bool {
    let Expr::Path(function) = &*call.func else { return false };
    let is_serializer = |name: &Ident| SERIALIZERS.iter().any(|serializer| name == serializer);
    function.qself.is_none()
        && function.path.segments.last().is_some_and(|last| is_serializer(&last.ident))
        && scope.resolve(&function.path) != Resolved::Local
}

fn is_constant(receiver: &Expr, variables: &Bound, scope: &FileScope) -> bool {
    let Expr::Path(path) = receiver else { return false };
    let is_variable = path.path.get_ident().is_some_and(|name| variables.has(name));
    !is_variable && matches!(scope.resolve(&path.path), Resolved::Absolute(_))
}

fn method_site(call: &ExprMethodCall, variables: &Bound) -> Option<Site> {
    if order::is_source(call) {
        return Some(Site::Result(Question::Order));
    }
    if call.method == "retain" {
        let is_pure = call.args.iter().all(|closure| purity::is_pure(closure, variables));
        return (!is_pure).then_some(Site::Receiver(Question::Entries));
    }
    if !call.args.is_empty() {
        return None;
    }
    let name = call.method.to_string();
    match name.as_str() {
        "elapsed" => Some(Site::Receiver(Question::Clock)),
        "to_socket_addrs" => Some(Site::Result(Question::Lookup)),
        name => ASK_FILES.contains(&name).then_some(Site::Receiver(Question::File)),
    }
}

/// Where it stands in [`Told`](told::Told) whether a question about the expression is answered.
pub(crate) fn told_at(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::MethodCall(call) => Some(call.method.span()),
        Expr::ForLoop(node) => Some(node.for_token.span),
        _ => None,
    }
}

/// Puts the question into the expression, whose parts are rewritten already.
pub(crate) fn expand(expr: &mut Expr, site: Site, krate: &Krate) {
    match (site, &mut *expr) {
        (Site::Receiver(question), Expr::MethodCall(call)) => {
            if let Some(asked) = expand_receiver(call, question, krate) {
                *expr = Expr::Verbatim(asked);
            }
        }
        (Site::Result(question), Expr::MethodCall(call)) => {
            let name = call.method.span();
            *expr = Expr::Verbatim(expand_value(expr, question, Ends { first: name, last: name }, krate));
        }
        (Site::Head, Expr::ForLoop(node)) => expand_entries(&mut node.expr, krate),
        (Site::Argument, Expr::Call(call)) => call.args.iter_mut().for_each(|argument| expand_entries(argument, krate)),
        (Site::Serialized, Expr::Call(call)) => {
            for argument in call.args.iter_mut().filter(|argument| is_place(argument) || is_value(argument)) {
                let ends = Ends::of(&*argument, Span::call_site());
                *argument = Expr::Verbatim(expand_value(argument, Question::Text, ends, krate));
            }
        }
        _ => {}
    }
}

fn expand_entries(expr: &mut Expr, krate: &Krate) {
    let ends = Ends::of(&*expr, Span::call_site());
    *expr = Expr::Verbatim(expand_value(expr, Question::Entries, ends, krate));
}

/// A step, before which it is asked what it changes.
pub(crate) fn expand_step(step: TokenStream, suspects: &[Expr], krate: &Krate) -> TokenStream {
    let here = Span::mixed_site();
    let checks = suspects.iter().map(|place| {
        let at = Ends::of(place, here);
        expand_check(place.to_token_stream(), Question::Capture, at, krate)
    });
    parenthesized(quote_spanned!(here=> match (#(#checks,)*) { _ => #step }), here)
}

/// `value`, of which `question` is asked at the tokens between `at`.
fn expand_value(value: &Expr, question: Question, at: Ends, krate: &Krate) -> TokenStream {
    let here = Span::mixed_site().located_at(at.first);
    let binding = Ident::new("__value", here);
    let check = expand_check(binding.to_token_stream(), question, at, krate);
    parenthesized(quote_spanned!(here=> match #value { #binding => { #check; #binding } }), here)
}

/// A call whose receiver `question` is asked of; `None` where the receiver can't be asked.
fn expand_receiver(call: &ExprMethodCall, question: Question, krate: &Krate) -> Option<TokenStream> {
    let name = call.method.span();
    let at = Ends { first: name, last: name };
    let here = Span::mixed_site().located_at(name);
    if is_place(&call.receiver) {
        // Asked beforehand, as a place that is moved is none any more.
        let check = expand_check(call.receiver.to_token_stream(), question, at, krate);
        return Some(parenthesized(quote_spanned!(here=> match #check { () => #call }), here));
    }
    if !is_value(&call.receiver) {
        return None;
    }
    let receiver = Expr::Verbatim(expand_value(&call.receiver, question, at, krate));
    Some(ExprMethodCall { receiver: Box::new(receiver), ..call.clone() }.into_token_stream())
}

/// `Demand::check(Probe(&place).question())`. The function and its argument stand at the same tokens, so that rustc
/// underlines these once.
fn expand_check(place: TokenStream, question: Question, at: Ends, krate: &Krate) -> TokenStream {
    let Ends { first, last } = at;
    let (method, demand) = question.names();
    let demand = krate.private(demand, first);
    let probe = krate.private("Probe", first);
    let method = Ident::new(method, first);
    let reference = parenthesized(quote_spanned!(first=> &#place), first);
    let none = parenthesized(TokenStream::new(), last);
    let argument = parenthesized(quote_spanned!(first=> #probe #reference . #method #none), last);
    let check = quote_spanned!(last=> ::check);
    quote!(#demand #check #argument)
}

/// A place that can be looked at twice.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Index(index) => is_place(&index.expr) && matches!(&*index.index, Expr::Lit(_) | Expr::Path(_)),
        _ => false,
    }
}

/// What is a value however it is used. What is verbatim was rewritten: an `.await`, a step, or a probed value.
fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Call(_) | Expr::MethodCall(_) | Expr::Try(_) | Expr::Verbatim(_) | Expr::Reference(_) => true,
        Expr::Paren(paren) => is_value(&paren.expr),
        _ => false,
    }
}

/// Whether the head of a `for` may be a hash map or set, and is no iterator that is probed by itself.
fn is_head_in_question(head: &Expr) -> bool {
    match head {
        Expr::Path(_)
        | Expr::Call(_)
        | Expr::Try(_)
        | Expr::Verbatim(_)
        | Expr::Await(_)
        | Expr::Field(_)
        | Expr::Index(_) => true,
        Expr::Reference(reference) => is_head_in_question(&reference.expr),
        Expr::Paren(paren) => is_head_in_question(&paren.expr),
        // `&*shared`
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)),
        // `&one | &other` of two sets
        Expr::Binary(binary) => matches!((&*binary.left, &*binary.right), (Expr::Reference(_), Expr::Reference(_))),
        Expr::MethodCall(call) => !order::is_iterator(call),
        _ => false,
    }
}
