//! The function as it was, with probes.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use crate::body::expand::rewrite_body;
use crate::body::{Context, FnBody, macros};
use crate::signature::Function;

/// Expands the function.
pub(super) fn expand_deterministic(function: &Function, context: &Context) -> TokenStream {
    let Function { attrs, vis, sig, body, .. } = function;
    let FnBody::Block(block) = (match body {
        Some(body) => body,
        None => return quote!(#(#attrs)* #vis #sig;),
    }) else {
        return quote!(#(#attrs)* #vis #sig { ::core::unreachable!() });
    };
    // What the compiler runs is the same each time, and what is `async` or has steps was reported.
    let is_plain = sig.constness.is_none() && sig.asyncness.is_none();
    if !is_plain || macros::find_step(&block.to_token_stream()).is_some() {
        let unused = sig.asyncness.is_none() && macros::find_step(&block.to_token_stream()).is_some();
        return if unused {
            quote!(#(#attrs)* #[allow(unused_variables, reason = "its body was refused")] #vis #sig { ::core::unreachable!() })
        } else {
            quote!(#(#attrs)* #vis #sig #block)
        };
    }
    let Ok(rewritten) = rewrite_body(block.clone(), sig, context) else {
        return quote!(#(#attrs)* #vis #sig #block);
    };
    let imports = context.krate.expand_imports();
    let stmts = &rewritten.stmts;
    let mut braces = proc_macro2::Group::new(proc_macro2::Delimiter::Brace, quote!(#imports #(#stmts)*));
    braces.set_span(block.brace_token.span.join());
    quote!(#(#attrs)* #vis #sig #braces)
}
