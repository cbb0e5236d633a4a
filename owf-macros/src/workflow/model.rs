//! What a `#[workflow]` function says.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Pat, PatType, PathArguments, ReturnType, Signature, Type, Visibility};

use super::args::Args;
use crate::body::{Context, FnBody};
use crate::idents::is_one_of;
use crate::krate::Krate;

/// A workflow. Its signature is kept as written, so that checks can point at its tokens.
pub(crate) struct Workflow {
    pub(crate) args: Args,
    pub(crate) context: Context,
    pub(crate) attrs: Attributes,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The arguments other than `self`.
    pub(crate) inputs: Vec<PatType>,
    /// None for a declaration without a body.
    pub(crate) body: Option<FnBody>,
}

/// The function's attributes, by what they speak of.
#[derive(Default)]
pub(crate) struct Attributes {
    /// Docs, `#[deprecated]`, derives, ..: of the struct.
    pub(crate) item: Vec<Attribute>,
    /// `#[cfg]`: of everything.
    pub(crate) cfg: Vec<Attribute>,
    /// `#[allow]`, `#[warn]`, ..: of the code, and of the struct too unless it is `#[expect]`, which is fulfilled once.
    pub(crate) lint: Vec<Attribute>,
    pub(crate) is_deprecated: bool,
    /// `#[inline]`, ..: of the function that runs it.
    pub(crate) function: Vec<Attribute>,
    /// Macros that change a function, of which none is left.
    pub(crate) misplaced: Vec<Attribute>,
}

/// Attribute macros for functions, by the names that they are known by.
const OF_FUNCTIONS: &[&str] = &["async_recursion", "durable", "deterministic", "instrument", "main", "test"];

impl Attributes {
    pub(crate) fn new(attrs: Vec<Attribute>) -> Self {
        let mut sorted = Attributes::default();
        for attr in attrs {
            let name = attr.path().get_ident().map(ToString::to_string).unwrap_or_default();
            match name.as_str() {
                "cfg" => sorted.cfg.push(attr),
                "deprecated" => {
                    sorted.is_deprecated = true;
                    sorted.item.push(attr);
                }
                "allow" | "warn" | "deny" | "forbid" | "expect" => sorted.lint.push(attr),
                "inline" | "cold" => sorted.function.push(attr),
                _ if attr.path().segments.last().is_some_and(|last| is_one_of(&last.ident, OF_FUNCTIONS)) => {
                    sorted.misplaced.push(attr);
                }
                _ => sorted.item.push(attr),
            }
        }
        sorted
    }
}

impl Workflow {
    pub(crate) fn krate(&self) -> &Krate {
        &self.context.krate
    }

    /// The declared type, `None` for `()`.
    pub(crate) fn output(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// Where the type of the error is written, or else the whole type.
    pub(crate) fn error_type(&self) -> Option<TokenStream> {
        let output = self.output()?;
        let Type::Path(path) = ungrouped(output) else { return Some(output.to_token_stream()) };
        let arguments = path.path.segments.last().map(|last| &last.arguments);
        match arguments {
            Some(PathArguments::AngleBracketed(list)) if list.args.len() > 1 => {
                list.args.last().map(ToTokens::to_token_stream)
            }
            _ => Some(output.to_token_stream()),
        }
    }

    /// Whether the declared type is written as a `Result`.
    pub(crate) fn is_fallible(&self) -> bool {
        let Some(Type::Path(path)) = self.output().map(ungrouped) else { return false };
        path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name == "Result" || name == "WorkflowResult" || (name.ends_with("Result") && !last.arguments.is_none())
        })
    }
}

fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}

/// The variable's name, where the pattern is one.
pub(crate) fn simple_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(ident) => Some(ident.ident.to_string()),
        _ => None,
    }
}
