//! What a `step!` says.

use proc_macro2::Span;
use syn::{Expr, ExprAsync, Stmt};

use crate::arguments::{Accepted, Argument};

/// The options of a step, in the order in which messages list them.
pub(crate) const OPTIONS: &[Accepted] = &[
    Accepted { name: "retries", usage: "retries = 5" },
    Accepted { name: "backoff", usage: "backoff = Duration::from_secs(1)" },
    Accepted { name: "timeout", usage: "timeout = Duration::from_secs(30)" },
    Accepted { name: "input", usage: "input = &order" },
];

/// `step!(id, name = value, .., body)`.
pub(crate) struct Step {
    /// Where the word `step` stands.
    pub(crate) span: Span,
    pub(crate) id: Expr,
    /// As written: unknown and repeated ones, too.
    pub(crate) options: Vec<Argument>,
    pub(crate) body: Body,
}

/// The body of a step.
pub(crate) enum Body {
    /// An expression or a block, which borrows what it uses.
    Borrowing(Expr),
    /// `async move { .. }`, which owns what it uses.
    Owning(ExprAsync),
}

/// A body as statements and a value.
pub(crate) struct Content {
    pub(crate) stmts: Vec<Stmt>,
    /// None for a block that ends in a statement.
    pub(crate) tail: Option<Expr>,
}

impl Body {
    pub(crate) fn into_content(self) -> Content {
        match self {
            Body::Owning(ExprAsync { block, .. }) => Content::of_stmts(block.stmts),
            Body::Borrowing(Expr::Async(ExprAsync { block, .. })) => Content::of_stmts(block.stmts),
            Body::Borrowing(Expr::Block(block)) if block.label.is_none() && block.attrs.is_empty() => {
                Content::of_stmts(block.block.stmts)
            }
            Body::Borrowing(expr) => Content { stmts: Vec::new(), tail: Some(expr) },
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
        Content { stmts, tail }
    }
}
