//! A step that is a transaction: `transaction!("debit", |db| db.execute("UPDATE ..", [cents])?)`.
//!
//! Its body runs on another thread, and once for each attempt, so it owns what it uses: the variables of the workflow that it names are cloned
//! when the step is made.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprClosure, Pat, Stmt, parse_quote};

use super::captures::Bound;
use super::content::expand_content;
use super::expand::{Around, Parts};
use super::kept::Kept;
use super::model::{Body, Step};
use super::undo::expand_undo;
use crate::body::macros::find_await;
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
    let parts = Parts::new_async(step, around, krate, |_| {});
    let options = parts.expand_options(krate);
    let Parts { id, body, place, .. } = parts;
    let constructor = krate.private("transaction", place.value.first);
    let statements = match body {
        TokenTree::Group(body) => body.stream(),
        other => other.into(),
    };
    let body = expand_closure(closure, 1, statements, place.body, variables, krate);
    let arguments = parenthesized(quote!(#id, #options, #body), place.value.last);
    let expanded = quote!(#constructor #arguments);
    match &undo {
        Some(Expr::Closure(undo)) if undo.inputs.len() == 2 => {
            let place = Ends::of(&undo.body, place.body.first);
            let method = Ident::new("undo_in_transaction", Span::mixed_site().located_at(place.first));
            let content = Body::Transaction(undo.clone()).into_content();
            let mut statements = expand_content(content, Around { is_discarded: true, ..around }, krate);
            if find_await(&undo.body.to_token_stream()).is_some() {
                // It was reported, and rustc need not say it again.
                let [never, failure] = ["never", "Failure"].map(|name| krate.private(name, place.first));
                statements = quote!(let _ = async { #statements }; #never::<::core::result::Result<(), #failure>>());
            }
            let body = expand_closure(undo, 2, statements, place, variables, krate);
            quote!(#expanded.#method(#body))
        }
        Some(undo) => expand_undo(expanded, undo, around, krate),
        None => expanded,
    }
}

/// A closure of so many inputs, with clones of what it uses of the workflow's variables. It stands where its body does, so that what rustc says of
/// it points there.
fn expand_closure(
    closure: &ExprClosure,
    inputs: usize,
    body: TokenStream,
    place: Ends,
    variables: Option<&Bound>,
    krate: &Krate,
) -> TokenStream {
    let kept = Kept::of(closure, variables);
    let (keep, lend) = (kept.keep(krate), kept.lend());
    let patterns = (0..inputs).map(|at| closure.inputs.get(at).map_or_else(|| quote!(_), |input| quote!(#input)));
    // A second connection, which was reported.
    let further = closure.inputs.iter().skip(inputs).map(|pattern| declare(pattern, krate));
    let mut body = Group::new(Delimiter::Brace, quote!(#lend #(#further)* #body));
    body.set_span(place.last);
    let closure = quote_spanned!(place.first=> move |#(#patterns),*| #body);
    if keep.is_empty() {
        return closure;
    }
    let mut block = Group::new(Delimiter::Brace, quote!(#keep #closure));
    block.set_span(place.last);
    block.into_token_stream()
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
