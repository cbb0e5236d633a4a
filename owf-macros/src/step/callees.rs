//! What the file tells of a function that a step awaits: `charge(&order).await?`.
//!
//! Where it tells nothing, types are asked, which costs the compiler more.

use std::rc::Rc;

use proc_macro2::Span;
use quote::quote_spanned;
use syn::{Expr, ExprAsync, ExprCall, Macro, Path, ReturnType, Stmt, parse_quote};

use super::captures::Bound;
use super::model::{Body, Step};
use crate::body::macros;
use crate::resolve::{FileScope, Found, Function, Generics, Known, Marker, Namespace, Own, segments};
use crate::signature::output_name;
use crate::spans::Ends;

/// What a call is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Callee {
    Unknown,
    /// A future.
    Future,
    /// A future of a `Result`.
    Fallible,
    /// A future of a `Result` whose error is one of the standard library's, of which none is serde.
    StdError,
}

/// What names stand for in a step.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) scope: Option<&'a FileScope>,
    pub(super) variables: Option<&'a Bound>,
}

impl Names<'_> {
    /// What is known of `call(..).await`.
    pub(super) fn awaited(&self, expr: &Expr) -> Callee {
        match expr {
            Expr::Await(node) => self.called(&node.base),
            _ => Callee::Unknown,
        }
    }

    /// What is known of `call(..)`.
    pub(super) fn called(&self, expr: &Expr) -> Callee {
        let (Some(scope), Some(function)) = (self.scope, self.function(expr)) else { return Callee::Unknown };
        let ReturnType::Type(_, ty) = &function.sig.output else { return Callee::Future };
        match scope.returned(&function, ty, &Generics::new()) {
            Some(known) if known.is("std::io::Result") => Callee::StdError,
            Some(known) if known.is("std::result::Result") => {
                if known.argument(1).is_some_and(|error| is_std_error(&error)) {
                    Callee::StdError
                } else {
                    Callee::Fallible
                }
            }
            _ => Callee::Future,
        }
    }

    /// The name of one of the runtime's functions that speak of the run, if that is what is called.
    pub(super) fn of_workflow(&self, call: &ExprCall) -> Option<&'static str> {
        const NAMES: &[&str] = &["cleanup", "run_id", "set_details"];
        let Expr::Path(path) = &*call.func else { return None };
        let last = path.path.segments.last()?.ident.to_string();
        let name = NAMES.iter().find(|name| **name == last)?;
        let found = self.scope?.find(&segments(&path.path), Namespace::Values);
        let is_ours = matches!(found, Found::Absolute(full) if full == ["owf_runtime", name]);
        (is_ours && !self.is_variable(&path.path)).then_some(*name)
    }

    /// Whether a macro is the `bail!` or `ensure!` of `anyhow` or `eyre`.
    pub(super) fn is_bailing(&self, call: &Macro) -> bool {
        matches!(macros::name(call).as_str(), "bail" | "ensure")
            && self.scope.is_some_and(|scope| {
                let found = scope.find(&segments(&call.path), Namespace::Macros);
                let is_listed = |root: &String| matches!(root.as_str(), "anyhow" | "eyre" | "color_eyre");
                matches!(found, Found::Absolute(full) if full.first().is_some_and(is_listed))
            })
    }

    /// What is to follow a call that makes a future.
    fn awaiting(&self, call: &Expr) -> Option<&'static str> {
        self.function(call).map(|function| awaiting(&function))
    }

    fn is_variable(&self, path: &Path) -> bool {
        path.get_ident().is_some_and(|name| self.variables.is_none_or(|variables| variables.has(name)))
    }

    /// The `async fn` that is called, if it is one of the user's crate, and is none of ours.
    fn function(&self, expr: &Expr) -> Option<Rc<Function>> {
        let Expr::Call(call) = expr else { return None };
        self.called_function(call)
    }

    fn called_function(&self, call: &ExprCall) -> Option<Rc<Function>> {
        let Expr::Path(path) = &*call.func else { return None };
        if self.is_variable(&path.path) || path.qself.is_some() {
            return None;
        }
        let Found::Own(Own::Function(function)) = self.scope?.find(&segments(&path.path), Namespace::Values) else {
            return None;
        };
        let is_plain = function.is_async && function.marker == Marker::None && function.conditions.is_empty();
        is_plain.then_some(function)
    }
}

/// The call that is the value of a step's body and makes a future that nobody awaits, and what is to follow it.
pub(crate) fn unawaited_body<'a>(
    step: &'a Step,
    scope: &FileScope,
    variables: &Bound,
) -> Option<(&'a Expr, &'static str)> {
    let names = Names { scope: Some(scope), variables: Some(variables) };
    let stmts = match &step.body {
        Body::Borrowing(call @ Expr::Call(_)) => return names.awaiting(call).map(|await_it| (call, await_it)),
        Body::Borrowing(Expr::Block(block)) if block.label.is_none() => &block.block.stmts,
        Body::Borrowing(Expr::Async(ExprAsync { block, .. })) | Body::Owning(ExprAsync { block, .. }) => &block.stmts,
        _ => return None,
    };
    let Some(Stmt::Expr(call @ Expr::Call(_), None)) = stmts.last() else { return None };
    names.awaiting(call).map(|await_it| (call, await_it))
}

/// The `async fn` of the crate that is called, if it has none of our attributes, and what is to follow the call.
pub(crate) fn plain_function(
    call: &ExprCall,
    scope: &FileScope,
    variables: &Bound,
) -> Option<(Rc<Function>, &'static str)> {
    let names = Names { scope: Some(scope), variables: Some(variables) };
    let function = names.called_function(call)?;
    let await_it = awaiting(&function);
    Some((function, await_it))
}

/// What is to follow a call of the function.
fn awaiting(function: &Function) -> &'static str {
    let is_result = output_name(&function.sig).is_some_and(|name| name.ends_with("Result"));
    if is_result { ".await?" } else { ".await" }
}

/// Awaits such a call, which was reported.
pub(super) fn await_call(callee: Callee, call: Expr) -> Expr {
    let at = Ends::of_expr(&call, Span::call_site()).last;
    let awaited = quote_spanned!(at=> .await);
    let attempt = matches!(callee, Callee::Fallible | Callee::StdError).then(|| quote_spanned!(at=> ?));
    parse_quote!(#call #awaited #attempt)
}

fn is_std_error(known: &Known) -> bool {
    matches!(&known.head, crate::resolve::Head::Foreign(path) if path.starts_with("std::") && path.ends_with("Error"))
}
