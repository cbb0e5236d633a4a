//! The test as the test harness of Rust calls it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ReturnType;

use crate::body::FnBody;
use crate::krate::Krate;
use crate::signature::Function;
use crate::spans::Ends;

/// How to write a test, for messages.
pub(super) const EXAMPLE: &str =
    "write `#[owf_runtime::test] async fn pays_once(kit: TestKit) -> WorkflowResult<()> { .. }`";

/// Expands the test.
pub(super) fn expand_test(function: &Function, krate: &Krate) -> TokenStream {
    let Function { attrs, vis, sig, body, .. } = function;
    let here = Span::mixed_site();
    let (name, output) = (&sig.ident, &sig.output);
    let body = match body {
        Some(FnBody::Block(block)) => block.to_token_stream(),
        // What is wrong with it is reported by the compiler.
        _ => quote!({}),
    };
    // Where the compiler shows that the test returns something else.
    let at = match output {
        ReturnType::Type(_, ty) => Ends::of_type(ty, here).first,
        ReturnType::Default => here,
    };
    let root = krate.root(at);
    let call = if sig.inputs.is_empty() { quote_spanned!(here=> |_| #name()) } else { quote!(#name) };
    quote_spanned! {here=>
        #(#attrs)*
        #[::core::prelude::v1::test]
        #vis fn #name() #output {
            #sig #body
            #root::testing::run_test(#call)
        }
    }
}
