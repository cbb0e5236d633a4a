//! Makes the model of a `#[durable]` function.

use proc_macro2::TokenStream;

use super::args::Args;
use super::model::DurableFn;
use crate::body::Context;
use crate::diagnostics::{Diagnostics, Message};
use crate::signature::Function;

/// Makes the model, or reports that the item is no function.
pub(crate) fn parse_durable(args: TokenStream, item: TokenStream, diagnostics: &mut Diagnostics) -> Option<DurableFn> {
    let args = Args::parse(args, diagnostics);
    let mut context = Context { krate: args.krate, is_strict: args.is_strict, ..Context::default() };
    let item = context.take_allows(item, args.allow, diagnostics);
    let function = match syn::parse2::<Function>(item) {
        Ok(function) => function,
        Err(error) => {
            let message = Message::new("`#[durable]` stands on an `async fn`, and this is something else");
            let help = "write `#[durable] async fn ship(order: &Order) -> Result<Label, StepError> { .. }`";
            diagnostics.report_at(error.span(), message.help(help));
            return None;
        }
    };
    let Function { attrs, vis, sig, body, body_error } = function;
    if let Some(error) = body_error {
        diagnostics.syntax(error);
    }
    context.load_scope(body.as_ref());
    Some(DurableFn { is_boxed: args.boxed, context, attrs, vis, sig, body })
}
