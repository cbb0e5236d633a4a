//! Of what type the value of an awaited operation is: of a step, a wait, a child, several at once.

use syn::{Block, Expr, ExprCall, GenericArgument, Ident, Local, Macro, Pat, PathArguments, Stmt};

use super::conversions::is_result;
use super::infer::{OPTION, RESULT};
use super::paths::Target;
use super::walk::Walk;
use crate::body::reading;
use crate::resolve::{Head, Known};
use crate::step::{Body, read_step};

/// What yields a `Result` of its argument.
const WAIT: &str = "owf_runtime::WaitForSignal";

/// What yields a `Result` of an `Option` of it.
const TIMED_WAIT: &str = "owf_runtime::TimedWaitForSignal";

const JOIN: &str = "owf_runtime::Join";

impl Walk<'_> {
    /// `wait_for_signal::<T>(..)`, and its like.
    pub(super) fn type_of_operation(&mut self, name: &str, call: &ExprCall) -> Option<Known> {
        let value = match name {
            "now" => Some(Known::foreign("std::time::SystemTime", Vec::new())),
            "wait_for_event" | "wait_for_signal" => {
                let Expr::Path(path) = &*call.func else { return None };
                match &path.path.segments.last()?.arguments {
                    PathArguments::AngleBracketed(list) => list.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(ty) => self.scope.known(ty, &self.generics),
                        _ => None,
                    }),
                    _ => None,
                }
            }
            "invoke" => match call.args.get(1)? {
                Expr::Path(child) => match self.target(child, None) {
                    Target::Functions(methods) => self.type_of_result(&methods, &[])?.argument(0),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        Some(Known::foreign(WAIT, vec![Some(value?)]))
    }

    /// `join!(a, b)`
    pub(super) fn type_of_join(&mut self, call: &Macro) -> Option<Known> {
        let arguments = reading::arguments(call)?;
        let types = arguments.exprs.iter().map(|durable| self.type_of_awaited(durable)).collect();
        Some(Known::foreign(JOIN, types))
    }

    /// What a value of the type is once it was awaited.
    pub(super) fn type_of_awaited(&mut self, durable: &Expr) -> Option<Known> {
        let known = self.type_of(durable)?;
        Some(match () {
            () if known.is(WAIT) => Known::foreign(RESULT, known.arguments),
            () if known.is(TIMED_WAIT) => Known::foreign(RESULT, vec![Some(Known::foreign(OPTION, known.arguments))]),
            () if known.is(JOIN) => Known { head: Head::Tuple, ..known },
            () => known,
        })
    }

    /// An awaited step is a `Result` of what its body makes, or of what that returns.
    pub(super) fn type_of_step(&mut self, call: &Macro) -> Option<Known> {
        let step = read_step(call)?;
        let returned = match &step.body {
            Body::Borrowing(Expr::Async(block)) | Body::Owning(block) => self.type_of_block(&block.block),
            Body::Borrowing(body) => self.type_of(body),
            Body::Closure(_) | Body::Transaction(_) => None,
        };
        let is_open = matches!(&step.body, Body::Borrowing(Expr::Try(_)));
        let made =
            returned.and_then(|known| if is_result(&known) && !is_open { known.argument(0) } else { Some(known) });
        Some(Known::foreign(RESULT, vec![made]))
    }

    /// The type of a block's last expression, for which those of the variables are asked that it begins with.
    pub(super) fn type_of_block(&mut self, block: &Block) -> Option<Known> {
        let (tail, before) = block.stmts.split_last()?;
        let Stmt::Expr(tail, None) = tail else { return None };
        if before.is_empty() {
            return self.type_of(tail);
        }
        let locals: Vec<&Local> = before.iter().filter_map(local).collect();
        let mut of_interest = root(tail).map(ToString::to_string);
        let mut is_asked = vec![false; locals.len()];
        for (local, is_asked) in locals.iter().zip(&mut is_asked).rev() {
            *is_asked = of_interest.as_ref().is_some_and(|name| binds(&local.pat, name));
            if *is_asked {
                of_interest = local.init.as_ref().and_then(|init| root(&init.expr)).map(ToString::to_string);
            }
        }
        self.variables.enter();
        for (local, is_asked) in locals.into_iter().zip(is_asked) {
            let init = local.init.as_ref().filter(|_| is_asked);
            let known = init.and_then(|init| self.type_of(&init.expr));
            self.bind_known(&local.pat, known);
        }
        let known = self.type_of(tail);
        self.variables.leave();
        known
    }
}

fn local(stmt: &Stmt) -> Option<&Local> {
    if let Stmt::Local(local) = stmt { Some(local) } else { None }
}

/// Whether a `let` binds just this name.
fn binds(pat: &Pat, name: &str) -> bool {
    match pat {
        Pat::Ident(pat) => pat.ident == name,
        Pat::Type(typed) => binds(&typed.pat, name),
        _ => false,
    }
}

/// The variable whose type tells that of an expression.
fn root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::MethodCall(call) => root(&call.receiver),
        Expr::Call(call) => root(call.args.first()?),
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        Expr::Try(node) => root(&node.expr),
        Expr::Await(node) => root(&node.base),
        Expr::Reference(reference) => root(&reference.expr),
        Expr::Unary(unary) => root(&unary.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        _ => None,
    }
}

/// What a method of a wait returns.
pub(super) fn type_of_wait(known: &Known, method: &str) -> Option<Known> {
    match method {
        "timeout" if known.is(WAIT) => Some(Known::foreign(TIMED_WAIT, known.arguments.clone())),
        _ if known.is_one_of(&[WAIT, TIMED_WAIT]) => Some(known.clone()),
        _ => None,
    }
}
