//! What was reported is expanded as if it were right, as far as that is known, so that rustc does not report it once more.

use quote::{ToTokens as _, quote, quote_spanned};
use syn::visit_mut::VisitMut as _;
use syn::{Expr, ExprCall, ExprClosure, ExprMacro, Stmt};

use super::expand::{Place, Rewrite, bare};
use super::macros;
use crate::lints::values::{self, Mend};
use crate::spans;

impl Rewrite<'_> {
    /// Mends an operation that is used as its value, or a workflow that is called; whether it is one.
    pub(super) fn mend(&mut self, node: &mut Expr) -> bool {
        if self.mend_called(node) || self.mend_early(node) || self.mend_plain(node) {
            return true;
        }
        let Some(at) = values::maker(node).map(values::place) else { return false };
        let told = &self.context.told;
        let Some(mend) = Mend::ALL.into_iter().find(|mend| told.take(at, mend.part())) else { return false };
        self.visit_expr_mut(node);
        let name = match mend {
            Mend::Await => "misplaced_await",
            Mend::Value => "misplaced_try",
            Mend::Last | Mend::LastResult => "misplaced_value",
        };
        *node = Expr::Verbatim(spans::call(self.krate.private(name, at), bare(node), at));
        true
    }

    /// As [`mend`](Rewrite::mend), of a macro call that is the last statement of a block.
    pub(super) fn mend_stmt(&mut self, node: &mut Stmt) -> bool {
        let Stmt::Macro(call) = node else { return false };
        if call.semi_token.is_some() {
            return false;
        }
        let mut value = Expr::Macro(ExprMacro { attrs: Vec::new(), mac: call.mac.clone() });
        let is_mended = self.mend(&mut value);
        if is_mended {
            *node = Stmt::Expr(value, None);
        }
        is_mended
    }

    /// Mends an operand that is awaited already.
    pub(super) fn mend_operand(&mut self, operand: &mut Expr) {
        let awaited = match operand {
            _ if self.context.is_clean.get() => return,
            Expr::Await(awaited) => awaited,
            Expr::Try(attempt) => match &mut *attempt.expr {
                Expr::Await(awaited) => awaited,
                _ => return,
            },
            _ => return,
        };
        let at = awaited.await_token.span;
        if !self.context.told.take(at, values::AWAITED) {
            return;
        }
        let mut operation = (*awaited.base).clone();
        if let Expr::Try(_) = operand {
            self.visit_expr_mut(&mut operation);
            let misplaced = self.krate.private("misplaced_operand", at);
            operation = Expr::Verbatim(spans::call(misplaced, bare(&operation), at));
        }
        *operand = operation;
    }

    /// `step!(..)?.await`
    fn mend_early(&mut self, node: &mut Expr) -> bool {
        let Expr::Await(awaited) = node else { return false };
        let Expr::Try(attempt) = &mut *awaited.base else { return false };
        let Some(at) = values::maker(&attempt.expr).map(values::place) else { return false };
        if !self.context.told.take(at, values::EARLY) {
            return false;
        }
        self.visit_expr_mut(&mut attempt.expr);
        *node = Expr::Verbatim(spans::call(self.krate.private("misplaced_try", at), bare(&attempt.expr), at));
        true
    }

    /// A plain future, which is awaited as anywhere else.
    fn mend_plain(&mut self, node: &mut Expr) -> bool {
        let Expr::Await(awaited) = node else { return false };
        let Some(at) = values::maker(&awaited.base).map(values::place) else { return false };
        if !matches!(self.place, Place::Async) || !self.context.told.take(at, values::PLAIN) {
            return false;
        }
        self.visit_expr_mut(&mut awaited.base);
        true
    }

    /// `child(n)` of a workflow `child`, with the `.await?` behind it.
    fn mend_called(&mut self, node: &mut Expr) -> bool {
        let (call, name) = match &*node {
            Expr::Try(attempt) => match &*attempt.expr {
                Expr::Await(awaited) => (&*awaited.base, "called_workflow_try"),
                _ => return false,
            },
            Expr::Await(awaited) => (&*awaited.base, "called_workflow_await"),
            call => (call, "called_workflow"),
        };
        let Expr::Call(call) = call else { return false };
        let Expr::Path(path) = &*call.func else { return false };
        let at = values::place(&path.path);
        if !self.context.told.take(at, values::CALLED) {
            return false;
        }
        let ExprCall { func, mut args, .. } = call.clone();
        args.iter_mut().for_each(|input| self.visit_expr_mut(input));
        let input = if args.is_empty() { quote!(()) } else { args.to_token_stream() };
        let called = self.krate.private(name, at);
        *node = Expr::Verbatim(quote_spanned!(at=> #called(#func, #input)));
        true
    }

    /// An `async` closure that makes steps was reported; it is treated as the closure that the message suggests.
    pub(super) fn mend_async_closure(&mut self, node: &mut ExprClosure) {
        let Some(asyncness) = node.asyncness else { return };
        if macros::find_step(&node.body.to_token_stream()).is_none() {
            return;
        }
        node.asyncness = None;
        self.within(Place::Async, |inner| inner.visit_expr_mut(&mut node.body));
        let block = self.krate.private("block", asyncness.span);
        let body = bare(&node.body);
        *node.body = Expr::Verbatim(quote!(#block(async move { #body })));
    }
}
