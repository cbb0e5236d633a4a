//! What a `step!` says.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, ExprAsync, ExprClosure, ReturnType, Stmt, parse_quote};

use crate::arguments::Argument;

/// `step!(id, name = value, .., body)`, or `transaction!(id, name = value, .., |db| body)`.
#[derive(Clone)]
pub(crate) struct Step {
    /// Where the word `step` stands.
    pub(crate) span: Span,
    pub(crate) is_transaction: bool,
    pub(crate) id: Expr,
    /// As written: unknown and repeated ones, too.
    pub(crate) options: Vec<Argument>,
    pub(crate) body: Body,
    /// As written.
    pub(crate) undo: Option<Expr>,
}

/// The body of a step.
#[derive(Clone)]
pub(crate) enum Body {
    /// An expression or a block, which borrows what it uses.
    Borrowing(Expr),
    /// `async move { .. }`, which owns what it uses.
    Owning(ExprAsync),
    /// A closure, which is an error.
    Closure(ExprClosure),
    /// A closure that is given a connection.
    Transaction(ExprClosure),
}

impl ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Body::Borrowing(expr) => expr.to_tokens(tokens),
            Body::Owning(block) => block.to_tokens(tokens),
            Body::Closure(closure) | Body::Transaction(closure) => closure.to_tokens(tokens),
        }
    }
}

/// A body as statements and a value.
pub(crate) struct Content {
    pub(crate) stmts: Vec<Stmt>,
    /// None for a block that ends in a statement.
    pub(crate) tail: Option<Expr>,
    /// Whether it can't wait, so that an `.await` in it was reported.
    pub(crate) is_sync: bool,
}

impl Step {
    /// What it is called in messages.
    pub(crate) fn noun(&self) -> &'static str {
        if self.is_transaction { "transaction" } else { "step" }
    }
}

impl Body {
    /// The body of a `transaction!`. What is no closure was reported, and is taken for the body of a step.
    pub(crate) fn of_transaction(body: Expr) -> Self {
        match body {
            Expr::Group(group) if group.attrs.is_empty() => Body::of_transaction(*group.expr),
            Expr::Closure(body) => Body::Transaction(body),
            other => Body::new(other),
        }
    }

    pub(crate) fn new(body: Expr) -> Self {
        match body {
            Expr::Group(group) if group.attrs.is_empty() => Body::new(*group.expr),
            Expr::Async(body) if body.capture.is_some() => Body::Owning(body),
            Expr::Closure(body) => Body::Closure(body),
            other => Body::Borrowing(other),
        }
    }

    /// Visits it as it is written.
    pub(crate) fn visit<'ast>(&'ast self, visitor: &mut impl Visit<'ast>) {
        match self {
            Body::Borrowing(expr) => visitor.visit_expr(expr),
            Body::Owning(block) => visitor.visit_expr_async(block),
            Body::Closure(closure) | Body::Transaction(closure) => visitor.visit_expr_closure(closure),
        }
    }

    /// The body of the closure in place of the closure.
    pub(crate) fn mended(self) -> Self {
        match self {
            Body::Closure(closure) => Body::new(*closure.body).mended(),
            other => other,
        }
    }

    pub(crate) fn into_content(self) -> Content {
        match self {
            Body::Owning(ExprAsync { block, .. }) => Content::of_stmts(block.stmts),
            Body::Borrowing(Expr::Async(ExprAsync { block, .. })) => Content::of_stmts(block.stmts),
            Body::Borrowing(Expr::Block(block)) if block.label.is_none() && block.attrs.is_empty() => {
                Content::of_stmts(block.block.stmts)
            }
            Body::Closure(closure) => Body::new(*closure.body).into_content(),
            Body::Transaction(ExprClosure { body, output: ReturnType::Default, .. }) => {
                Content { is_sync: true, ..Body::new(*body).into_content() }
            }
            // What it says of its type tells what its `?` and its `Ok` are.
            Body::Transaction(ExprClosure { body, output, .. }) => {
                Content { stmts: Vec::new(), tail: Some(parse_quote!((move || #output #body)())), is_sync: true }
            }
            Body::Borrowing(expr) => Content { stmts: Vec::new(), tail: Some(expr), is_sync: false },
        }
    }
}

impl Content {
    fn of_stmts(mut stmts: Vec<Stmt>) -> Self {
        let tail = match stmts.pop() {
            Some(Stmt::Expr(expr, None)) => Some(expr),
            Some(Stmt::Macro(call)) if call.semi_token.is_none() => {
                Some(Expr::Macro(syn::ExprMacro { attrs: call.attrs, mac: call.mac }))
            }
            other => {
                stmts.extend(other);
                None
            }
        };
        Content { stmts, tail, is_sync: false }
    }
}
