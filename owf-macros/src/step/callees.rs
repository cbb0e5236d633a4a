//! What the file tells of a function that a step awaits: `charge(&order).await?`.
//!
//! Where it tells nothing, types are asked, which costs the compiler more.

use std::rc::Rc;

use syn::{Expr, ReturnType};

use super::captures::Bound;
use crate::resolve::{FileScope, Found, Function, Generics, Known, Marker, Namespace, Own, segments};

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

    /// The `async fn` that is called, if it is one of the user's crate, and is none of ours.
    fn function(&self, expr: &Expr) -> Option<Rc<Function>> {
        let Expr::Call(call) = expr else { return None };
        let Expr::Path(path) = &*call.func else { return None };
        let is_variable =
            path.path.get_ident().is_some_and(|name| self.variables.is_none_or(|variables| variables.has(name)));
        if is_variable || path.qself.is_some() {
            return None;
        }
        let Found::Own(Own::Function(function)) = self.scope?.find(&segments(&path.path), Namespace::Values) else {
            return None;
        };
        let is_plain = function.is_async && function.marker == Marker::None && function.conditions.is_empty();
        is_plain.then_some(function)
    }
}

fn is_std_error(known: &Known) -> bool {
    matches!(&known.head, crate::resolve::Head::Foreign(path) if path.starts_with("std::") && path.ends_with("Error"))
}
