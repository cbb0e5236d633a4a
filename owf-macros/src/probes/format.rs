//! The arguments that a format string shows with `{:?}`, among which a hash map or set shows its order.
//!
//! Only macros whose text is a value are looked at: what is printed or logged is not read on replay.
//!
//! Known gaps: a map in a field of the user's own type, whose `Debug` is derived; `format_args!` of anything but a
//! variable, whose temporaries could not stay.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::{Expr, ExprAssign, ExprLit, ExprPath, ExprReference, Lit, LitStr, Token};

use super::told::Told;
use super::{Question, expand_value, is_place, is_value};
use crate::body::macros::Arguments;
use crate::formats::{Shown, parse_format};
use crate::krate::Krate;
use crate::spans::Ends;

/// Macros that make a text, and where their format string stands.
const TEXTS: &[(&str, usize)] =
    &[("format", 0), ("format_args", 0), ("panic", 0), ("unreachable", 0), ("write", 1), ("writeln", 1)];

/// What is to be asked about the arguments of the macro `name`.
pub(crate) struct Questions {
    shown: Vec<Shown>,
    text: LitStr,
    /// Where the first argument of the format string stands.
    first: usize,
    places_only: bool,
}

/// The questions about a macro's arguments, if there are any.
pub(crate) fn questions(name: &str, arguments: &Arguments, told: &Told) -> Option<Questions> {
    let (_, at) = TEXTS.iter().find(|(text, _)| *text == name)?;
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = arguments.exprs.get(*at)? else { return None };
    let mut shown = find_shown(&text.value());
    shown.retain(|shown| {
        is_in_question(shown, &arguments.exprs, at + 1) && !told.is_harmless(text.span(), &shown.part())
    });
    (!shown.is_empty()).then(|| Questions {
        shown,
        text: text.clone(),
        first: at + 1,
        places_only: name == "format_args",
    })
}

/// Literals need no question.
fn is_in_question(shown: &Shown, exprs: &[Expr], first: usize) -> bool {
    match shown {
        Shown::At(index) => exprs.get(first + index).is_some_and(|expr| is_place(expr) || is_value(expr)),
        Shown::Named(name) => find_named(exprs, name).is_none_or(|(at, _)| at > 0),
    }
}

impl Questions {
    /// Puts the questions into the arguments. What the text captures becomes an argument of its name.
    pub(crate) fn expand(self, arguments: &mut Arguments, krate: &Krate) {
        let exprs = &mut arguments.exprs;
        for shown in &self.shown {
            match shown {
                Shown::At(index) => {
                    if let Some(expr) = exprs.get_mut(self.first + index) {
                        self.ask(expr, None, krate);
                    }
                }
                Shown::Named(name) => match find_named(exprs, name) {
                    Some((at, _)) => {
                        if let Some(Expr::Assign(named)) = exprs.get_mut(at) {
                            self.ask(&mut named.right, None, krate);
                        }
                    }
                    None => exprs.extend(self.captured(name, krate)),
                },
            }
        }
    }

    /// `*match &expr { .. }`, which is the same place or value.
    fn ask(&self, expr: &mut Expr, at: Option<Span>, krate: &Krate) {
        if !is_place(expr) && (self.places_only || !is_value(expr)) {
            return;
        }
        let ends = at.map_or_else(|| Ends::of(&*expr, self.text.span()), |span| Ends { first: span, last: span });
        let and_token = Token![&](Span::mixed_site().located_at(ends.first));
        let reference = ExprReference { attrs: Vec::new(), and_token, mutability: None, expr: Box::new(expr.clone()) };
        let asked = expand_value(&Expr::Reference(reference), Question::Text, ends, krate);
        *expr = Expr::Verbatim(quote!(*#asked));
    }

    fn captured(&self, name: &str, krate: &Krate) -> Option<Expr> {
        let ident: Ident = syn::parse_str(name).ok()?;
        let ident = Ident::new(&ident.to_string(), self.text.span());
        let path = Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: ident.into() });
        let mut right = path.clone();
        self.ask(&mut right, Some(self.text.span()), krate);
        Some(Expr::Assign(ExprAssign {
            attrs: Vec::new(),
            left: Box::new(path),
            eq_token: Token![=](self.text.span()),
            right: Box::new(right),
        }))
    }
}

/// `name = value` among the arguments.
fn find_named<'a>(exprs: &'a [Expr], name: &str) -> Option<(usize, &'a ExprAssign)> {
    exprs.iter().enumerate().find_map(|(at, expr)| match expr {
        Expr::Assign(named) => {
            let is_it = matches!(&*named.left, Expr::Path(path) if path.path.is_ident(name));
            is_it.then_some((at, named))
        }
        _ => None,
    })
}

/// What the format string shows with `{:?}`, each once.
fn find_shown(text: &str) -> Vec<Shown> {
    let mut shown = Vec::new();
    for found in parse_format(text).into_iter().filter(|found| found.is_debug) {
        if !shown.contains(&found.shown) {
            shown.push(found.shown);
        }
    }
    shown
}
