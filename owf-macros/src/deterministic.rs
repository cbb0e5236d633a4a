//! `#[deterministic]`.

mod args;
mod check;
mod expand;

use proc_macro2::TokenStream;

use crate::body::Context;
use crate::diagnostics::{Diagnostics, Message};
use crate::signature::Function;

/// Expands the attribute.
pub(crate) fn deterministic(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let args = args::Args::parse(args, &mut diagnostics);
    let mut context = Context { krate: args.krate, is_strict: args.is_strict, ..Context::default() };
    let item = context.take_allows(item, args.allow, &mut diagnostics);
    let mut function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let message = Message::new("`#[deterministic]` stands on a `fn`, and this is something else");
            let help = "write `#[deterministic] fn due_date(order: &Order) -> Date { .. }`";
            diagnostics.report_at(error.span(), message.help(help));
            return context.finish(item, diagnostics);
        }
    };
    if let Some(error) = function.body_error.take() {
        diagnostics.syntax(error);
    }
    context.load_scope(function.body.as_ref());
    check::check_deterministic(&function, &context, &mut diagnostics);
    context.finish(expand::expand_deterministic(&function, &context), diagnostics)
}
