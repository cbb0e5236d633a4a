//! Makes the struct and its `Workflow` implementation.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{FnArg, GenericArgument, LitStr, PathArguments, Type, TypePath};

use super::args::Args;
use super::check::Unfit;
use super::model::Workflow;
use crate::body::FnBody;
use crate::body::expand::rewrite_body;
use crate::resolve::Generics;
use crate::spans::{Ends, parenthesized};

/// Expands the workflow, whose body is used up. One that is not valid, which was reported, becomes as much of one as possible.
pub(crate) fn expand_workflow(workflow: &mut Workflow) -> TokenStream {
    if let Some(FnArg::Receiver(_)) = workflow.sig.inputs.first() {
        return expand_method(workflow);
    }
    let body = workflow.body.take();
    let here = Span::mixed_site();
    let root = workflow.krate().root(here);
    let Workflow { attrs, vis, sig, .. } = &*workflow;
    let (item, cfg, lint) = (&attrs.item, &attrs.cfg, &attrs.lint);
    let item_lint = lint.iter().filter(|attr| !attr.path().is_ident("expect"));
    let ident = &sig.ident;
    let text = ident.to_string();
    let text = text.strip_prefix("r#").unwrap_or(&text);
    let name = workflow.args.name.clone().unwrap_or_else(|| LitStr::new(text, ident.span()));
    let input = expand_input(workflow);
    let output = expand_output(workflow);
    let version = workflow.args.version.iter();
    let version_check = expand_version_check(workflow);
    let options = expand_options(workflow);
    let triggers = workflow.args.triggers.expand(&input, workflow.krate());
    let inngest = workflow.args.inngest.expand(workflow.krate());
    let run = expand_run(workflow, body);
    // Who rewrote the body knows.
    let has_transactions = workflow.context.has_transactions.get();
    let has_transactions = has_transactions.then(|| quote_spanned!(here=> const HAS_TRANSACTIONS: bool = true;));
    let deprecated = expand_deprecated(workflow);
    let traits = expand_traits(workflow);
    quote_spanned! {here=>
        #(#cfg)*
        #(#item_lint)*
        #(#item)*
        #[allow(
            non_camel_case_types,
            dead_code,
            missing_debug_implementations,
            reason = "it stands for the function, is named as that was, and is an entry point, which others may start"
        )]
        #vis struct #ident;

        #traits

        #(#cfg)*
        #(#lint)*
        #deprecated
        impl #root::Workflow for #ident {
            type Input = #input;
            type Output = #output;
            const NAME: &'static str = #name;
            #(const VERSION: u32 = #version;)*
            #has_transactions

            #options

            #triggers

            #inngest

            #run
        }

        #version_check
    }
}

/// What `#[derive(Clone, Copy)]` makes, which costs the compiler more. No `Debug`: functions have none, and it costs as much again.
fn expand_traits(workflow: &Workflow) -> TokenStream {
    let here = Span::mixed_site();
    let (ident, attrs) = (&workflow.sig.ident, &workflow.attrs);
    let cfg = &attrs.cfg;
    let deprecated = expand_deprecated(workflow);
    let head = quote_spanned!(here=> #(#cfg)* #deprecated #[automatically_derived]);
    quote_spanned! {here=>
        #head
        impl ::core::clone::Clone for #ident {
            fn clone(&self) -> Self {
                *self
            }
        }

        #head
        impl ::core::marker::Copy for #ident {}
    }
}

/// As rustc says nothing of what a deprecated function calls.
fn expand_deprecated(workflow: &Workflow) -> Option<TokenStream> {
    let here = Span::mixed_site();
    let allow = || quote_spanned!(here=> #[allow(deprecated, reason = "the function itself is deprecated")]);
    workflow.attrs.is_deprecated.then(allow)
}

/// A workflow in an `impl`: the method is kept, so that its callers find it.
fn expand_method(workflow: &Workflow) -> TokenStream {
    let Workflow { attrs, vis, sig, .. } = workflow;
    let (item, cfg) = (&attrs.item, &attrs.cfg);
    quote!(#(#cfg)* #(#item)* #[allow(unused_variables, reason = "its body was refused")] #vis #sig { ::core::unreachable!() })
}

/// Whether the types are such that code can be made of them.
fn has_fit_types(workflow: &Workflow) -> bool {
    let mut inputs = workflow.inputs.iter().flat_map(|input| Unfit::of(&input.ty));
    let mut output = workflow.output().into_iter().flat_map(Unfit::of_output);
    workflow.sig.generics.params.is_empty() && inputs.next().is_none() && output.next().is_none()
}

fn expand_input(workflow: &Workflow) -> TokenStream {
    match workflow.inputs.as_slice() {
        _ if !has_fit_types(workflow) => quote!(()),
        [input] => input.ty.to_token_stream(),
        inputs => {
            let types = inputs.iter().map(|input| &input.ty);
            quote!((#(#types),*))
        }
    }
}

fn expand_output(workflow: &Workflow) -> TokenStream {
    match workflow.output() {
        Some(output) if !has_fit_types(workflow) || is_never(output) => quote!(()),
        None => quote!(()),
        Some(output) if let Some(value) = value_of_result(workflow, output) => value.to_token_stream(),
        Some(output) if workflow.is_fallible() => {
            let Ends { first, last } = Ends::of_type(output, Span::call_site());
            let fallible = workflow.krate().private("WorkflowReturn", first);
            let (open, close) = (quote_spanned!(first=> <), quote_spanned!(last=> >::Output));
            quote!(#open #output as #fallible #close)
        }
        Some(output) => output.to_token_stream(),
    }
}

/// The `T` of a type that is written as `Result<T, WorkflowError>` or `WorkflowResult<T>`, and is no other one of that name.
fn value_of_result<'t>(workflow: &Workflow, output: &'t Type) -> Option<&'t Type> {
    let Type::Path(TypePath { qself: None, path, .. }) = output else { return None };
    let PathArguments::AngleBracketed(list) = &path.segments.last()?.arguments else { return None };
    let Some(GenericArgument::Type(value)) = list.args.first() else { return None };
    (returns_our_error(workflow) && !workflow.context.scope.is_own_type(path)).then_some(value)
}

fn is_never(ty: &Type) -> bool {
    matches!(ty, Type::Never(_))
}

/// Checks a version that is calculated; the compiler would look at it only when it is used.
fn expand_version_check(workflow: &Workflow) -> Option<TokenStream> {
    let version = workflow.args.version.as_ref()?;
    let (here, cfg, ident) = (Span::mixed_site(), &workflow.attrs.cfg, &workflow.sig.ident);
    let root = workflow.krate().root(here);
    let check = workflow.krate().private("assert_version", version.span());
    let deprecated = expand_deprecated(workflow);
    Some(quote_spanned!(here=> #(#cfg)* #deprecated const _: () = #check(<#ident as #root::Workflow>::VERSION);))
}

/// What differs from the trait's own.
fn expand_options(workflow: &Workflow) -> Option<TokenStream> {
    let Args { retries, backoff, timeout, .. } = &workflow.args;
    if retries.is_none() && backoff.is_none() && timeout.is_none() {
        return None;
    }
    let here = Span::mixed_site();
    let root = workflow.krate().root(here);
    let retries = retries.iter().map(|retries| quote!(.retries(#retries)));
    let backoff = backoff.iter().map(|backoff| quote!(.backoff(#backoff)));
    let timeout = timeout.iter().map(|timeout| quote!(.timeout(#timeout)));
    Some(quote_spanned! {here=>
        fn options(&self) -> #root::WorkflowOptions {
            #root::WorkflowOptions::new() #(#retries)* #(#backoff)* #(#timeout)*
        }
    })
}

fn expand_run(workflow: &Workflow, body: Option<FnBody>) -> TokenStream {
    let here = Span::mixed_site().located_at(workflow.sig.ident.span());
    let root = workflow.krate().root(here);
    let function = &workflow.attrs.function;
    let input = Ident::new("__input", Span::mixed_site());
    let body = expand_body(workflow, body, &input).unwrap_or_else(|| {
        let never = workflow.krate().private("never", here);
        quote!(let _ = #input; #never())
    });
    let ends = workflow.output().map_or(Ends { first: here, last: here }, |output| Ends::of_type(output, here));
    let (this, member) = (quote_spanned!(ends.first=> Self), quote_spanned!(ends.last=> ::Output));
    quote_spanned! {here=>
        #(#function)*
        fn run(
            &self,
            #input: Self::Input,
        ) -> #root::BoxDurable<'static, ::core::result::Result<#this #member, #root::WorkflowError>> {
            #body
        }
    }
}

/// The user's body, and what runs it; `None` if the body can't be used.
fn expand_body(workflow: &Workflow, body: Option<FnBody>, input: &Ident) -> Option<TokenStream> {
    let Some(FnBody::Block(block)) = body else { return None };
    if !has_fit_types(workflow) {
        return None;
    }
    let variables = workflow.context.variables(&workflow.sig, &block);
    let block = rewrite_body(block, &workflow.sig, &workflow.context).ok()?;
    let here = Span::mixed_site().located_at(workflow.sig.ident.span());
    let krate = workflow.krate();
    let argument = expand_argument(workflow, input);
    let name = &workflow.sig.ident;
    // A variable can't have the name of a unit struct, and can have that of a function.
    let shadow = variables
        .has(name)
        .then(|| quote!(#[allow(dead_code, reason = "it only makes room for the variable")] fn #name() {}));
    let returns = expand_returns(workflow);
    let stmts = &block.stmts;
    // An `async` block where the user wrote an `async fn`: a function of its own would cost the compiler a third of the rest.
    let mut inner = Group::new(Delimiter::Brace, quote!(#argument #returns #(#stmts)*));
    inner.set_span(block.brace_token.span.join());
    let body = quote_spanned!(here=> async move #inner);
    let end = if returns_our_error(workflow) {
        let run = krate.private("run", here);
        quote_spanned!(here=> #run(#body))
    } else if workflow.is_fallible() {
        let error = Ident::new("__error", here);
        let at = workflow.error_type().map_or(here, |ty| Ends::of(ty, here).first);
        let into_error = Ident::new("error", at);
        let [run, returned] = ["run_fallible", "returned"].map(|name| krate.private(name, here));
        quote_spanned!(here=> #run(#body, |#error| #returned(#error).#into_error()))
    } else {
        let (check, run) = (expand_plain_check(workflow), krate.private("run_plain", here));
        quote_spanned!(here=> #check #run(#body))
    };
    let imports = krate.expand_imports();
    Some(quote_spanned!(here=> #imports #shadow #end))
}

/// Says what the block returns, as the signature of a function would.
fn expand_returns(workflow: &Workflow) -> TokenStream {
    let here = Span::mixed_site();
    let output = workflow.output().filter(|output| !is_never(output));
    let Ends { first, last } = output.map_or(Ends { first: here, last: here }, |output| Ends::of_type(output, here));
    let never = workflow.krate().private("never", first);
    let output = output.map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let none = parenthesized(TokenStream::new(), last);
    let returned = quote_spanned!(first=> return #never::<#output> #none);
    quote_spanned!(here=> if false { #returned; })
}

/// Whether the file tells that the error is a `WorkflowError`, which needs no conversion.
fn returns_our_error(workflow: &Workflow) -> bool {
    let scope = &workflow.context.scope;
    let known = workflow.output().and_then(|output| scope.known(output, &Generics::new()));
    known.is_some_and(|known| {
        let error = known.argument(1).filter(|_| known.is("std::result::Result"));
        known.is("owf_runtime::WorkflowResult") || error.is_some_and(|error| error.is("owf_runtime::WorkflowError"))
    })
}

/// The variables of the user's function.
fn expand_argument(workflow: &Workflow, input: &Ident) -> TokenStream {
    let patterns = workflow.inputs.iter().map(|input| &input.pat);
    let types = workflow.inputs.iter().map(|input| &input.ty);
    let attrs = workflow.inputs.iter().flat_map(|input| &input.attrs);
    match workflow.inputs.len() {
        0 => quote!(let (): () = #input;),
        1 => quote!(#(#attrs)* let #(#patterns)*: #(#types)* = #input;),
        _ => quote!(#(#attrs)* let (#(#patterns),*): (#(#types),*) = #input;),
    }
}

/// Checks that a type that is not written as a `Result` is none.
fn expand_plain_check(workflow: &Workflow) -> Option<TokenStream> {
    let output = workflow.output()?;
    let Ends { first, last } = Ends::of_type(output, Span::call_site());
    let here = Span::mixed_site();
    let [assert, plain] = ["assert_plain", "Plain"].map(|name| workflow.krate().private(name, first));
    let verdict = quote_spanned!(last=> .verdict());
    let marker = parenthesized(quote!(::core::marker::PhantomData), last);
    let argument = parenthesized(quote_spanned!(last=> #plain::<#output> #marker #verdict), last);
    Some(quote_spanned!(here=> #assert #argument;))
}
