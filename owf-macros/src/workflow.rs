//! `#[workflow]`.

mod args;
mod check;
mod expand;
mod inngest;
mod model;
mod parse;
mod triggers;

use proc_macro2::TokenStream;

use crate::diagnostics::Diagnostics;

/// Expands the attribute.
pub(crate) fn workflow(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let Some(mut model) = parse::parse_workflow(args, item.clone(), &mut diagnostics) else {
        return [item, diagnostics.into_items()].into_iter().collect();
    };
    check::check_workflow(&model, &mut diagnostics);
    let expanded = expand::expand_workflow(&mut model);
    model.context.finish(expanded, diagnostics)
}
