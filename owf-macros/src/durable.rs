//! `#[durable]`.

mod args;
mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;
use syn::ItemFn;

use crate::body::{Context, FnBody};
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;

/// Expands the attribute.
pub(crate) fn durable(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let Some(model) = parse::parse_durable(args, item.clone(), &mut diagnostics) else {
        return [item, diagnostics.into_items()].into_iter().collect();
    };
    check::check_durable(&model, &mut diagnostics);
    model.context.finish(expand::expand_durable(&model), diagnostics)
}

/// Expands a function that ought to have the attribute, and hasn't.
pub(crate) fn expand_as_durable(function: &ItemFn, krate: &Krate) -> TokenStream {
    expand::expand_durable(&model::DurableFn {
        is_boxed: false,
        context: Context { krate: krate.clone(), ..Context::default() },
        attrs: function.attrs.clone(),
        vis: function.vis.clone(),
        sig: function.sig.clone(),
        body: Some(FnBody::Block((*function.block).clone())),
    })
}
