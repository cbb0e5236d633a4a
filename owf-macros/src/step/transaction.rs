//! A step that is a transaction: `transaction!("debit", |db| db.execute("UPDATE ..", [cents])?)`.
//!
//! Its body runs on another thread, and once for each attempt, so it owns what it uses: the variables of the workflow that it names are cloned
//! when the step is made.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, ExprClosure, Pat, Stmt, parse_quote};

use super::captures::Bound;
use super::expand::{Around, Parts, expand_content};
use super::model::{Body, Step};
use super::undo::{captured, expand_undo};
use crate::krate::Krate;
use crate::spans::{Ends, parenthesized};

/// Expands a transaction whose body is `closure`.
pub(super) fn expand_transaction(
    mut step: Step,
    closure: &ExprClosure,
    around: Around<'_>,
    krate: &Krate,
) -> TokenStream {
    let variables = around.closure.map(|closure| closure.all).or(around.variables);
    let undo = step.undo.take();
    let Parts { id, options, body, place, .. } = Parts::new(step, around.is_discarded, krate, |_| {});
    let here = Span::mixed_site().located_at(place.body.first);
    let constructor = krate.private("transaction", place.value.first);
    let statements = match body {
        TokenTree::Group(body) => body.stream(),
        other => other.into(),
    };
    let body = expand_closure(closure, 1, statements, here, variables, krate);
    let arguments = parenthesized(quote!(#id, #options, #body), place.value.last);
    let expanded = quote!(#constructor #arguments);
    match &undo {
        Some(Expr::Closure(undo)) if undo.inputs.len() == 2 => {
            let here = Span::mixed_site().located_at(Ends::of(&undo.body, place.body.first).first);
            let method = Ident::new("undo_in_transaction", here);
            let content = Body::Transaction(undo.clone()).into_content();
            let body = expand_content(content, true, krate);
            let undo = expand_closure(undo, 2, body, here, variables, krate);
            quote!(#expanded.#method(#undo))
        }
        Some(undo) => expand_undo(expanded, undo, variables, krate),
        None => expanded,
    }
}

/// A closure of so many inputs, with clones of what it uses of the workflow's variables.
fn expand_closure(
    closure: &ExprClosure,
    inputs: usize,
    body: TokenStream,
    here: Span,
    variables: Option<&Bound>,
    krate: &Krate,
) -> TokenStream {
    let captured = captured(closure, variables);
    let kept: Vec<Ident> =
        captured.iter().map(|name| format_ident!("__kept_{}", name, span = Span::mixed_site())).collect();
    let clones = captured.iter().zip(&kept).map(|(name, kept)| {
        let capture = krate.private("Captured", name.span());
        quote_spanned!(name.span()=> let #kept = #capture(&#name).keep();)
    });
    let lends = captured
        .iter()
        .zip(&kept)
        .map(|(name, kept)| quote_spanned!(Span::mixed_site()=> #[allow(unused_variables)] let #name = #kept.lend();));
    let keep_value = krate.private("KeepValue", Span::mixed_site());
    let patterns = (0..inputs).map(|at| closure.inputs.get(at).map_or_else(|| quote!(_), |input| quote!(#input)));
    // A second connection, which was reported.
    let further = closure.inputs.iter().skip(inputs).map(|pattern| declare(pattern, krate));
    quote_spanned! {here=>
        {
            #[allow(unused_imports)]
            use #keep_value as _;
            #(#clones)*
            move |#(#patterns),*| {
                #(#lends)*
                #(#further)*
                #body
            }
        }
    }
}

/// `let db: &Connection = ..;`, for a body that is only checked.
pub(super) fn declare_connection(closure: &ExprClosure, krate: &Krate) -> Option<Stmt> {
    closure.inputs.first().map(|input| declare(input, krate))
}

fn declare(pattern: &Pat, krate: &Krate) -> Stmt {
    let here = Span::mixed_site();
    let (never, connection) = (krate.private("never", here), krate.private("Connection", here));
    match pattern {
        Pat::Type(_) => parse_quote!(let #pattern = #never();),
        _ => parse_quote!(let #pattern: &#connection = #never();),
    }
}
