//! What a `#[deterministic]` function can't be, and can't do.

use quote::ToTokens as _;

use crate::body::{Context, FnBody, macros};
use crate::diagnostics::{Diagnostics, Message};
use crate::lints::{Lint, check_names};
use crate::signature::Function;

/// Reports everything that is wrong with the function.
pub(super) fn check_deterministic(function: &Function, context: &Context, diagnostics: &mut Diagnostics) {
    let name = &function.sig.ident;
    if let Some(asyncness) = &function.sig.asyncness {
        let message =
            Message::new(format!("the deterministic function `{name}` is `async`, and a workflow awaits none"));
        let help = format!("write `fn {name}`, or `#[durable] async fn {name}` if it has steps");
        diagnostics.report(asyncness, message.help(help));
    }
    let Some(FnBody::Block(block)) = &function.body else { return };
    if let Some(step) = macros::find_step(&block.to_token_stream()) {
        let message = Message::new(format!("`{step}!` in the deterministic function `{name}`, which can't await it"));
        let help = format!("make it `#[durable] async fn {name}(..)`, and await it");
        return diagnostics.report(step, message.help(help).note(Lint::HiddenStep.note()));
    }
    check_names(block, &function.sig, context, diagnostics);
}
