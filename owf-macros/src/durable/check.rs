//! What a `#[durable]` function can't be.

use quote::ToTokens;
use syn::{ReturnType, Safety, Type};

use super::model::DurableFn;
use crate::body::FnBody;
use crate::body::check::check_body;
use crate::diagnostics::{Diagnostics, Message};

/// Reports everything that is wrong with the function.
pub(crate) fn check_durable(function: &DurableFn, diagnostics: &mut Diagnostics) {
    let sig = &function.sig;
    let name = &sig.ident;
    if sig.asyncness.is_none() {
        let message = Message::new(format!("the durable function `{name}` is not async, so it can't await steps"));
        diagnostics.report(sig.fn_token, message.help(format!("write `async fn {name}`")));
    }
    let mut refuse = |at: &dyn ToTokens, what: &str| {
        let message = Message::new(format!("a durable function can't be {what}: it is awaited by workflows only"));
        diagnostics.report(at.to_token_stream(), message.help(format!("write `async fn {name}`")));
    };
    if let Some(token) = &sig.constness {
        refuse(token, "`const`");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        refuse(token, "`unsafe`");
    }
    if let Some(abi) = &sig.abi {
        refuse(abi, "`extern`");
    }
    if let Some(variadic) = &sig.variadic {
        refuse(variadic, "variadic");
    }
    if let ReturnType::Type(_, output) = &sig.output
        && let Type::ImplTrait(opaque) = &**output
    {
        let message =
            Message::new(format!("the durable function `{name}` returns `impl Trait`, and its type has to be named"));
        diagnostics.report(opaque.impl_token, message.help("name the type, or return a `Box<dyn Trait + Send>`"));
    }
    if let Some(FnBody::Block(block)) = &function.body {
        check_body(block, sig, &function.context, diagnostics);
    }
}
