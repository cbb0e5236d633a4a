//! What a workflow's signature can't be.

use proc_macro2::Span;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{FnArg, Safety, Type, TypeImplTrait, TypeReference};

use super::model::{Workflow, simple_name};
use crate::body::FnBody;
use crate::body::check::check_body;
use crate::diagnostics::{Diagnostics, Message, source};

/// Reports everything that is wrong with the workflow.
pub(crate) fn check_workflow(workflow: &Workflow, diagnostics: &mut Diagnostics) {
    check_attributes(workflow, diagnostics);
    check_qualifiers(workflow, diagnostics);
    check_generics(workflow, diagnostics);
    check_inputs(workflow, diagnostics);
    check_types(workflow, diagnostics);
    match &workflow.body {
        Some(FnBody::Block(block)) => check_body(block, &workflow.sig, &workflow.context, diagnostics),
        Some(FnBody::Unreadable) => {}
        None => {
            let message = Message::new(format!("the workflow `{}` has no body", workflow.sig.ident));
            diagnostics
                .report(&workflow.sig.ident, message.help("a workflow is a free function with its code in braces"));
        }
    }
}

fn check_attributes(workflow: &Workflow, diagnostics: &mut Diagnostics) {
    for attr in &workflow.attrs.misplaced {
        let name = source(attr.path());
        let message = Message::new(format!("`#[{name}]` changes a function, and a workflow becomes a struct"));
        let help = match name.ends_with("instrument") {
            true => "leave it out, as steps have spans of their own; or put it on the functions that the steps call",
            false => "leave it out: `#[workflow]` is all that a workflow needs",
        };
        diagnostics.report(attr, message.help(help));
    }
}

fn check_qualifiers(workflow: &Workflow, diagnostics: &mut Diagnostics) {
    let sig = &workflow.sig;
    let name = &sig.ident;
    if sig.asyncness.is_none() {
        let message = Message::new(format!("the workflow `{name}` is not async, so it can't await steps"));
        diagnostics.report(sig.fn_token, message.help(format!("write `async fn {name}`")));
    }
    let mut refuse = |at: &dyn ToTokens, what: &str, why: &str| {
        let message = Message::new(format!("a workflow can't be {what}: {why}"));
        diagnostics.report(at.to_token_stream(), message.help(format!("write `async fn {name}`")));
    };
    if let Some(token) = &sig.constness {
        refuse(token, "`const`", "it runs steps, which the compiler can't");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        refuse(token, "`unsafe`", "a driver calls it by its name, and keeps no promises for it");
    }
    if let Safety::Safe(token) = &sig.safety {
        refuse(token, "`safe`", "that is for foreign functions");
    }
    if let Some(abi) = &sig.abi {
        refuse(abi, "`extern`", "it is called by a driver, never from another language");
    }
    if let Some(variadic) = &sig.variadic {
        refuse(variadic, "variadic", "its input is one value that is recorded");
    }
}

fn check_generics(workflow: &Workflow, diagnostics: &mut Diagnostics) {
    let generics = &workflow.sig.generics;
    let name = &workflow.sig.ident;
    if !generics.params.is_empty() {
        let message =
            Message::new(format!("the workflow `{name}` is generic, and a recorded run knows nothing but its name"));
        let help = "write a workflow for each type, and put what they share into a `#[durable] async fn`, which may be generic";
        diagnostics.report(&generics.params, message.help(help));
    }
    if let Some(clause) = &generics.where_clause {
        let message = Message::new(format!("the workflow `{name}` has a `where` clause, and it can't be generic"));
        diagnostics.report(clause.where_token, message.help("name the types themselves"));
    }
}

fn check_inputs(workflow: &Workflow, diagnostics: &mut Diagnostics) {
    let name = &workflow.sig.ident;
    if let Some(FnArg::Receiver(receiver)) = workflow.sig.inputs.first() {
        let message =
            Message::new(format!("the workflow `{name}` takes `self`, and a run begins from recorded data alone"));
        let help = "make it a free function; to share code between workflows, use `#[durable]` on the method";
        diagnostics.report(receiver, message.help(help));
    }
    let [_, second, ..] = workflow.inputs.as_slice() else { return };
    let fields = workflow.inputs.iter().enumerate().map(|(index, input)| {
        let field = simple_name(&input.pat).unwrap_or_else(|| format!("field{}", index + 1));
        format!("{field}: {}", owned(&input.ty))
    });
    let fields = fields.collect::<Vec<_>>().join(", ");
    let input = format!("{}Input", camel_case(&name.to_string()));
    let count = workflow.inputs.len();
    let message = Message::new(format!(
        "a workflow takes one argument, and `{name}` has {count}: the input is recorded as one value"
    ));
    let help = format!(
        "make them a struct:\n#[derive(serde::Serialize, serde::Deserialize)]\nstruct {input} {{ {fields} }}\nasync fn {name}(input: {input}) .."
    );
    diagnostics.report(second, message.help(help));
}

fn check_types(workflow: &Workflow, diagnostics: &mut Diagnostics) {
    let allowed: Vec<_> = workflow.sig.generics.lifetimes().map(|param| param.lifetime.ident.to_string()).collect();
    let is_generic = !allowed.is_empty();
    for input in &workflow.inputs {
        for found in Unfit::of(&input.ty) {
            report_unfit(found, "the input", diagnostics);
        }
    }
    // With lifetime parameters the error is about these.
    if let Some(output) = workflow.output()
        && !is_generic
    {
        for found in Unfit::of_output(output) {
            report_unfit(found, "the result", diagnostics);
        }
    }
}

fn report_unfit(found: Unfit, what: &str, diagnostics: &mut Diagnostics) {
    match found {
        Unfit::Borrow(reference) => {
            let message = Message::new(format!("{what} of a workflow is recorded, so it can't borrow"));
            let help = format!("own it: `{}`", owned(&Type::Reference(reference.clone())));
            diagnostics.report(reference, message.help(help));
        }
        Unfit::Impl(opaque) => {
            let message = Message::new(format!("{what} of a workflow is recorded, so its type has to be named"));
            diagnostics.report(opaque.impl_token, message.help("name a type that is `Serialize + DeserializeOwned`"));
        }
        Unfit::Lifetime(span) => {
            let message = Message::new(format!("{what} of a workflow is recorded, so it can't borrow"));
            diagnostics.report_at(span, message.help("use a type that owns its data"));
        }
    }
}

/// A part of a type that can't be recorded.
pub(crate) enum Unfit {
    Borrow(TypeReference),
    Impl(TypeImplTrait),
    Lifetime(Span),
}

impl Unfit {
    /// As [`Unfit::of`]; the type checker knows whether a `&'static str` is an error's text, or a value.
    pub(crate) fn of_output(ty: &Type) -> Vec<Unfit> {
        let is_static = |found: &Unfit| {
            matches!(found, Unfit::Borrow(reference)
                if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static"))
        };
        Unfit::of(ty).into_iter().filter(|found| !is_static(found)).collect()
    }

    pub(crate) fn of(ty: &Type) -> Vec<Unfit> {
        let mut found = Finder(Vec::new());
        found.visit_type(ty);
        found.0
    }
}

struct Finder(Vec<Unfit>);

impl<'ast> Visit<'ast> for Finder {
    fn visit_type_reference(&mut self, node: &'ast TypeReference) {
        self.0.push(Unfit::Borrow(node.clone()));
    }

    fn visit_type_impl_trait(&mut self, node: &'ast TypeImplTrait) {
        self.0.push(Unfit::Impl(node.clone()));
    }

    fn visit_lifetime(&mut self, node: &'ast syn::Lifetime) {
        if node.ident != "static" {
            self.0.push(Unfit::Lifetime(node.span()));
        }
    }

    // The lifetimes of function pointers and trait objects are their own; such types can't be recorded anyway, which
    // the type checker says.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}

    fn visit_type(&mut self, node: &'ast Type) {
        visit::visit_type(self, node);
    }
}

/// The owned form of a type, as text.
fn owned(ty: &Type) -> String {
    let Type::Reference(reference) = ty else { return source(ty) };
    match &*reference.elem {
        Type::Slice(slice) => format!("Vec<{}>", source(&slice.elem)),
        other => match source(other).as_str() {
            "str" => "String".to_owned(),
            "Path" => "PathBuf".to_owned(),
            text => text.to_owned(),
        },
    }
}

fn camel_case(name: &str) -> String {
    let words = name.trim_start_matches("r#").split('_').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            first.to_uppercase() + rest
        })
        .collect()
}
