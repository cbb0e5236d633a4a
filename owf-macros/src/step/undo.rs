//! The undo of a step: `undo = |booking| cancel(booking).await?`.
//!
//! It may run when the workflow's code is gone, so it owns what it uses: the variables of the workflow that it names are cloned, once when the
//! step is made, and once for each attempt.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use super::content::expand_content;
use super::expand::Around;
use super::kept::{Kept, find_self, self_is_not_kept};
use super::model::Body;
use crate::diagnostics::{Diagnostics, Message, source};
use crate::krate::Krate;
use crate::spans::Ends;

const USAGE: &str = "write `undo = |receipt| refund(receipt).await?`: it is given what the step returned";

/// Reports an undo that is no closure of one argument, or, where it is a transaction that undoes one, of two.
pub(crate) fn check_undo(undo: &Expr, is_transaction: bool, diagnostics: &mut Diagnostics) {
    match undo {
        Expr::Closure(closure) if closure.inputs.len() > 2 && is_transaction => {
            let text =
                "the undo of a transaction takes the connection and what the transaction returned, or the latter alone";
            let help = "write `undo = |db, cents| db.execute(\"UPDATE ..\", [cents])`";
            diagnostics.report(&closure.inputs, Message::new(text).help(help));
        }
        Expr::Closure(closure) if closure.inputs.len() > 1 && !is_transaction => {
            let message = Message::new("an undo takes one argument: what the step returned");
            diagnostics.report(&closure.inputs, message.help(USAGE));
        }
        Expr::Closure(closure) => {
            if let Some(this) = find_self(closure) {
                diagnostics.report(this, self_is_not_kept("an undo"));
            }
        }
        other => {
            let message = Message::new(format!("the undo of a step is a closure, and this is `{}`", source(other)));
            diagnostics.report(other, message.help(USAGE));
        }
    }
}

/// Adds the undo to an expanded step. `variables` are the workflow's, and those of closures around the step.
pub(crate) fn expand_undo(step: TokenStream, undo: &Expr, around: Around<'_>, krate: &Krate) -> TokenStream {
    let variables = around.closure.map(|closure| closure.all).or(around.variables);
    let Expr::Closure(closure) = undo else { return step };
    if closure.inputs.len() > 1 || find_self(closure).is_some() {
        return step;
    }
    let here = Span::mixed_site();
    let kept = Kept::of(closure, variables);
    let (keep, keep_again, lend) = (kept.keep(krate), kept.keep_again(), kept.lend());
    let at = Ends::of(&closure.body, here).first;
    let input = match closure.inputs.first() {
        Some(input) => quote!(#input),
        None => quote_spanned!(here=> _),
    };
    let body = expand_content(
        Body::new((*closure.body).clone()).into_content(),
        Around { is_discarded: true, ..around },
        krate,
    );
    let method = Ident::new("undo", here.located_at(at));
    let undo = quote_spanned! {here=>
        move |#input| {
            #keep_again
            async move { #lend #body }
        }
    };
    if keep.is_empty() {
        return quote!(#step.#method(#undo));
    }
    // Before the step is made: it may take what the undo uses.
    quote_spanned!(here=> { #keep #step.#method(#undo) })
}
