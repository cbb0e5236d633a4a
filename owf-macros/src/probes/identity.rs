//! Functions that the file doesn't tell, compared with a list of the standard library's by what they are.
//!
//! Each function has a type of its own, which no other name hides: `use crate::clock::now;` may stand for
//! `SystemTime::now`. The list is in the runtime's `probe.rs`. A probe is made once for a path in a body, since
//! it costs the compiler more than half a millisecond.
//!
//! A probe is of several lints. None is put where one of them is allowed.
//!
//! Known gaps: functions of other crates; functions of two and more arguments; a generic one whose arguments are
//! written out.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprPath};

use crate::krate::Krate;
use crate::lints::Lint;
use crate::resolve::{FileScope, Generics, Resolved};
use crate::spans::{Ends, parenthesized};
use crate::step::captures::Bound;

/// The lints of the listed functions.
pub(crate) const LINTS: &[Lint] = &[Lint::WallClock, Lint::Environment, Lint::Threads, Lint::Io];

/// Types and traits of the prelude.
const KNOWN: &[&str] = &[
    "AsRef",
    "Box",
    "Clone",
    "Default",
    "From",
    "FromIterator",
    "Into",
    "IntoIterator",
    "Iterator",
    "Option",
    "Result",
    "String",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

/// `u32`, `f64`, `str`: a type whose name has no capital, and some modules.
fn is_primitive(name: &str) -> bool {
    matches!(name, "bool" | "char" | "str" | "isize" | "usize")
        || (name.starts_with(['i', 'u', 'f']) && name.get(1..).is_some_and(|bits| bits.parse::<u8>().is_ok()))
}

/// Which of the listed functions are compared with.
#[derive(Clone, Copy)]
pub(crate) enum Listed {
    WithoutArguments,
    WithOneArgument,
}

impl Listed {
    pub(crate) const ALL: &'static [Listed] = &[Listed::WithoutArguments, Listed::WithOneArgument];

    /// Those that can be called with so many arguments.
    pub(crate) fn with_arguments(count: usize) -> Option<Self> {
        match count {
            0 => Some(Listed::WithoutArguments),
            1 => Some(Listed::WithOneArgument),
            _ => None,
        }
    }

    /// Those that can be passed to a method: `at.unwrap_or_else(now)` calls `now` with no argument, `list.map(read)` with one.
    pub(crate) fn for_method(name: &Ident) -> Self {
        let name = name.to_string();
        let without = name.ends_with("_else") || name.ends_with("_with") || name.starts_with("then");
        if without { Listed::WithoutArguments } else { Listed::WithOneArgument }
    }

    /// The traits of the runtime that the verdict is handed to: those of the lints for which the list has functions.
    fn demands(self) -> [&'static str; 3] {
        match self {
            Listed::WithoutArguments => ["NoClock", "NoEnvironment", "NoThread"],
            Listed::WithOneArgument => ["NoEnvironment", "NoThread", "NoFiles"],
        }
    }

    fn macro_name(self) -> &'static str {
        match self {
            Listed::WithoutArguments => "__listed_without_arguments",
            Listed::WithOneArgument => "__listed_with_one_argument",
        }
    }
}

/// The path, if it may be that of a function which the file does not tell.
pub(crate) fn unknown_function<'a>(expr: &'a Expr, variables: &Bound, scope: &FileScope) -> Option<&'a ExprPath> {
    let Expr::Path(function) = expr else { return None };
    let last = function.path.segments.last()?.ident.to_string();
    // A constructor or a constant begins with a capital.
    let is_function = last.starts_with(|first: char| first.is_lowercase());
    let is_variable = function.path.get_ident().is_some_and(|name| variables.has(name));
    let is_known = function.path.segments.first().is_some_and(|first| {
        let name = first.ident.to_string();
        function.path.segments.len() == 2 && (KNOWN.contains(&name.as_str()) || is_primitive(&name))
    });
    if !is_function || is_variable || is_known {
        return None;
    }
    let is_unknown = match &function.qself {
        Some(qself) => scope.known(&qself.ty, &Generics::new()).is_none(),
        None => scope.resolve(&function.path) == Resolved::Unknown,
    };
    is_unknown.then_some(function)
}

/// `match function { f => { check(&f, ..); f } }`, which is the same function.
pub(crate) fn expand(function: &Expr, lists: &[Listed], krate: &Krate) -> TokenStream {
    let at = Ends::of(function, Span::call_site());
    let here = Span::mixed_site().located_at(at.first);
    let value = Ident::new("__function", here);
    let checks = lists.iter().map(|listed| expand_check(&value, *listed, at, krate));
    quote_spanned!(here=> match #function { #value => { #(#checks;)* #value } })
}

/// As [`expand`], to be called: in parentheses, which stand where the function stands.
pub(crate) fn expand_callee(function: &Expr, listed: Listed, krate: &Krate) -> TokenStream {
    let at = Ends::of(function, Span::call_site());
    parenthesized(expand(function, &[listed], krate), at.first)
}

/// `NoThread::check(&f, NoFiles::check(&f, (&Callee(&f, list!())).verdict()))`. As in the other probes, all of it stands
/// where the function stands.
fn expand_check(value: &Ident, listed: Listed, at: Ends, krate: &Krate) -> TokenStream {
    let Ends { first, last } = at;
    let here = value.span();
    let (root, list) = (krate.root(here), Ident::new(listed.macro_name(), here));
    let callee = krate.private("Callee", first);
    let callee = parenthesized(quote_spanned!(first=> &#callee(&#value, #root::#list!())), first);
    let none = parenthesized(TokenStream::new(), last);
    let verdict = quote_spanned!(first=> #callee.verdict #none);
    listed.demands().iter().fold(verdict, |verdict, demand| {
        let demand = krate.private(demand, first);
        let check = quote_spanned!(last=> ::check);
        let arguments = parenthesized(quote!(&#value, #verdict), last);
        quote!(#demand #check #arguments)
    })
}
