//! Where generated tokens claim to stand.
//!
//! rustc underlines an expression from its first token to its last. On stable Rust two spans can't be joined, so a
//! generated call that should be underlined like the user's expression takes the span of that expression's first
//! token for its path, and of the last for its parentheses.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, PathArguments, Type, TypePath};

/// The spans of the first and the last token.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Ends {
    /// Of an expression, or of `otherwise` where there is none of it. Most say it without their tokens being made.
    pub(crate) fn of_expr(expr: &Expr, otherwise: Span) -> Self {
        let first_of = |inner: &Expr| Ends::of_expr(inner, otherwise).first;
        let (first, last) = match expr {
            Expr::Await(node) if node.attrs.is_empty() => (first_of(&node.base), node.await_token.span),
            Expr::Call(node) if node.attrs.is_empty() => (first_of(&node.func), node.paren_token.span.join()),
            Expr::MethodCall(node) if node.attrs.is_empty() => (first_of(&node.receiver), node.paren_token.span.join()),
            Expr::Try(node) if node.attrs.is_empty() => (first_of(&node.expr), node.question_token.span),
            other => return Ends::of(other, otherwise),
        };
        Ends { first, last }
    }

    /// Of a type. Most say it without their tokens being made.
    pub(crate) fn of_type(ty: &Type, otherwise: Span) -> Self {
        let ends = || {
            let Type::Path(TypePath { qself: None, path, .. }) = ty else { return None };
            let (first, last) = (path.segments.first()?, path.segments.last()?);
            let last = match &last.arguments {
                PathArguments::None => last.ident.span(),
                PathArguments::AngleBracketed(list) => list.gt_token.span,
                PathArguments::Parenthesized(_) => return None,
            };
            path.leading_colon.is_none().then(|| Ends { first: first.ident.span(), last })
        };
        ends().unwrap_or_else(|| Ends::of(ty, otherwise))
    }

    /// Of `tokens`, or of `otherwise` where there are none.
    pub(crate) fn of(tokens: impl ToTokens, otherwise: Span) -> Self {
        let mut ends: Option<Ends> = None;
        for token in tokens.to_token_stream() {
            let (first, last) = match &token {
                TokenTree::Group(group) => (group.span_open(), group.span_close()),
                other => (other.span(), other.span()),
            };
            ends = Some(Ends { first: ends.map_or(first, |ends| ends.first), last });
        }
        ends.unwrap_or(Ends { first: otherwise, last: otherwise })
    }
}

/// `function(argument)`, so that rustc underlines the argument and labels the function's own span.
///
/// Two errors that say the same at the same place are shown once. So the call as a whole stands where the argument stands,
/// for which the function is in parentheses that stand there.
pub(crate) fn call(function: TokenStream, argument: impl ToTokens, otherwise: Span) -> TokenStream {
    let ends = Ends::of(&argument, otherwise);
    let mut tokens = parenthesized(function, ends.first);
    tokens.extend(parenthesized(argument.to_token_stream(), ends.last));
    tokens
}

/// Parentheses around `inner` that stand at `span`.
pub(crate) fn parenthesized(inner: TokenStream, span: Span) -> TokenStream {
    let mut group = Group::new(proc_macro2::Delimiter::Parenthesis, inner);
    group.set_span(span);
    TokenTree::Group(group).into()
}
