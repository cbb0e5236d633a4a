//! What a test can't be.

use syn::FnArg;

use super::expand::EXAMPLE;
use crate::diagnostics::{Diagnostics, Message, source};
use crate::signature::Function;

/// Reports everything that is wrong with the test.
pub(super) fn check_test(function: &Function, diagnostics: &mut Diagnostics) {
    let Function { attrs, sig, .. } = function;
    let name = &sig.ident;
    if sig.asyncness.is_none() {
        let message = Message::new(format!("the test `{name}` is not async, so it can't wait for a run"));
        diagnostics
            .report(sig.fn_token, message.help(format!("write `async fn {name}`, or `#[test]` if it waits for none")));
    }
    if !sig.generics.params.is_empty() {
        let message = Message::new(format!("the test `{name}` is generic, and nobody calls it with a type"));
        diagnostics.report(&sig.generics, message.help(EXAMPLE));
    }
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first() {
        let message = Message::new(format!("the test `{name}` is a method, and nobody has a value to call it on"));
        diagnostics.report(receiver, message.help(EXAMPLE));
    } else if let Some(second) = sig.inputs.iter().nth(1) {
        let text = format!("the test `{name}` takes {} arguments, and there is a kit only", sig.inputs.len());
        diagnostics.report(second, Message::new(text).help(EXAMPLE));
    }
    let is_test = |attr: &&syn::Attribute| attr.path().segments.last().is_some_and(|last| last.ident == "test");
    if let Some(other) = attrs.iter().find(is_test) {
        let text = format!("`{name}` is a test of `{}` already, where time is not virtual", source(other.path()));
        diagnostics.report(other, Message::new(text).help(format!("leave out `{}`", source(other))));
    }
    if function.body.is_none() {
        let message = Message::new(format!("the test `{name}` has no body"));
        diagnostics.report(name, message.help(EXAMPLE));
    }
}
