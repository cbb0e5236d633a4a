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
    let Some(model) = parse::parse_workflow(args, item.clone(), &mut diagnostics) else {
        return [item, diagnostics.into_items()].into_iter().collect();
    };
    check::check_workflow(&model, &mut diagnostics);
    model.context.finish(expand::expand_workflow(&model), diagnostics)
}
