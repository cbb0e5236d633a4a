//! The body of a workflow, a `#[durable]` function or an `async` block within one: everything outside of step bodies.

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod macros;
mod race;

use proc_macro2::TokenStream;
use syn::Block;
use syn::parse::ParseStream;

/// The braces of a function.
pub(crate) enum FnBody {
    Block(Block),
    /// What syn can't read.
    Unreadable,
}

impl FnBody {
    /// Reads the rest of a function, and the error if that fails.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<(FnBody, Option<syn::Error>)> {
        let tokens: TokenStream = input.parse()?;
        Ok(match syn::parse2::<Block>(tokens) {
            Ok(block) => (FnBody::Block(block), None),
            Err(error) => (FnBody::Unreadable, Some(error)),
        })
    }
}
