//! Makes the model of a workflow.

use proc_macro2::TokenStream;
use syn::FnArg;

use super::args::Args;
use super::model::{Attributes, Workflow};
use crate::body::Context;
use crate::diagnostics::{Diagnostics, Message};
use crate::signature::Function;

/// Makes the model, or reports that the item is no function.
pub(crate) fn parse_workflow(args: TokenStream, item: TokenStream, diagnostics: &mut Diagnostics) -> Option<Workflow> {
    let mut args = Args::parse(args, diagnostics);
    let mut context = Context { krate: args.krate.clone(), is_strict: args.is_strict, ..Context::default() };
    let item = context.take_allows(item, std::mem::take(&mut args.allow), diagnostics);
    let function = match syn::parse2::<Function>(item) {
        Ok(function) => function,
        Err(error) => {
            let message = Message::new("`#[workflow]` stands on an `async fn`, and this is something else");
            let help = "write `#[workflow] async fn process_order(order: Order) -> WorkflowResult<Receipt> { .. }`";
            diagnostics.report_at(error.span(), message.help(help));
            return None;
        }
    };
    let Function { attrs, vis, sig, body, body_error } = function;
    if let Some(error) = body_error {
        diagnostics.syntax(error);
    }
    let inputs = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed.clone()),
        FnArg::Receiver(_) => None,
    });
    let inputs = inputs.collect();
    context.load_scope(body.as_ref());
    Some(Workflow { args, context, attrs: Attributes::new(attrs), vis, sig, inputs, body })
}
