//! Makes a function that returns a `Durable`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprCall, ExprMethodCall, ReturnType, Signature, Type};

use super::model::DurableFn;
use crate::body::FnBody;
use crate::body::expand::rewrite_body;
use crate::body::macros::{self, Arguments};
use crate::spans::Ends;

/// Expands the function. One that is not valid, which was reported, becomes as much of one as possible.
pub(crate) fn expand_durable(function: &DurableFn) -> TokenStream {
    let DurableFn { attrs, vis, sig, body, context, .. } = function;
    let here = Span::mixed_site().located_at(sig.ident.span());
    let root = context.krate.root(here);
    let declared = declared(sig);
    let signature = Signature {
        asyncness: None,
        constness: None,
        safety: syn::Safety::Default,
        abi: None,
        variadic: None,
        output: ReturnType::Default,
        ..sig.clone()
    };
    let clause = &sig.generics.where_clause;
    let signature = without_where(signature);
    let output = quote_spanned! {here=>
        -> impl #root::Durable<Output = #declared> + ::core::marker::Send
    };
    let body = match body {
        Some(body) => expand_body(function, body, &declared),
        None => quote!(;),
    };
    quote!(#(#attrs)* #vis #signature #output #clause #body)
}

fn without_where(mut signature: Signature) -> Signature {
    signature.generics.where_clause = None;
    signature
}

fn declared(sig: &Signature) -> TokenStream {
    match &sig.output {
        ReturnType::Type(_, output) if !matches!(**output, Type::ImplTrait(_)) => output.to_token_stream(),
        _ => quote!(()),
    }
}

fn expand_body(function: &DurableFn, body: &FnBody, declared: &TokenStream) -> TokenStream {
    let here = Span::mixed_site().located_at(function.sig.ident.span());
    let krate = &function.context.krate;
    let [block, boxed, never] = ["block", "boxed", "never"].map(|name| krate.private(name, here));
    let unusable = || quote_spanned!(here=> { #block(async move { #never::<#declared>() }) });
    let FnBody::Block(user) = body else { return unusable() };
    if matches!(&function.sig.output, ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_))) {
        return unusable();
    }
    let Ok(rewritten) = rewrite_body(user.clone(), &function.sig, &function.context) else { return unusable() };
    let stmts = &rewritten.stmts;
    // The `return` tells the block's type at its beginning, so that `?` and other `return`s know it.
    let output = Ends::of(declared, function.sig.ident.span());
    let never = krate.private("never", output.first);
    let typed_return = quote_spanned!(output.first=> if false { return #never::<#declared>(); });
    let content = quote_spanned!(here=> #typed_return #(#stmts)*);
    let mut braces = proc_macro2::Group::new(proc_macro2::Delimiter::Brace, content);
    braces.set_span(user.brace_token.span.join());
    if function.is_boxed || calls_itself(user, &function.sig.ident) {
        // The box is inside a block of its own, which may name all the lifetimes of the arguments.
        let durable = krate.private("durable", here);
        let imports = krate.expand_imports();
        quote_spanned!(here=> { #imports #block(async move { #durable(#boxed(async move #braces)).operation().await }) })
    } else {
        let imports = krate.expand_imports();
        quote_spanned!(here=> { #imports #block(async move #braces) })
    }
}

/// Whether the function calls itself by its name.
fn calls_itself(block: &Block, name: &Ident) -> bool {
    let mut calls = Calls { name, found: false };
    calls.visit_block(block);
    calls.found
}

struct Calls<'a> {
    name: &'a Ident,
    found: bool,
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        if let Expr::Path(path) = &*node.func {
            let segments: Vec<_> = path.path.segments.iter().map(|segment| &segment.ident).collect();
            self.found |= match segments.as_slice() {
                [only] => *only == self.name,
                [owner, method] => *owner == "Self" && *method == self.name,
                _ => false,
            };
        }
        visit::visit_expr_call(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        self.found |= node.method == *self.name;
        visit::visit_expr_method_call(self, node);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        match macros::kind(call) {
            macros::Kind::Step => {}
            _ => {
                if let Some(arguments) = Arguments::parse(call) {
                    arguments.exprs.iter().for_each(|expr| self.visit_expr(expr));
                }
            }
        }
    }
}
