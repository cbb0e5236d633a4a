//! What is wrong with a `step!` on its own: its id, its options, its body.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, ExprAsync, ExprAwait, ExprClosure, ExprLit, ExprPath, ExprReturn, Item, Lit, Macro, ReturnType};

use super::captures::Bound;
use super::kept::self_is_not_kept;
use super::model::{Body, Step};
use super::mutation::check_mutation;
use super::options::valid_options;
use super::undo::check_undo;
use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::diagnostics::{Diagnostics, Message, source};
use crate::lints::Lint;

/// Reports everything that is wrong within `step`, except in its id and option expressions, which belong to the
/// workflow around it. `variables` are the workflow's.
pub(crate) fn check_step(step: &Step, variables: &Bound, diagnostics: &mut Diagnostics) {
    check_id(step, diagnostics);
    let _ = valid_options(step, diagnostics);
    check_mutation(step, variables, diagnostics);
    let mut body = StepBody { diagnostics, own: true };
    match &step.body {
        Body::Closure(closure) => report_closure(closure, diagnostics),
        Body::Transaction(closure) => {
            check_transaction(closure, body.diagnostics);
            // One that says its type is left by a `return` as any closure is.
            body.own = matches!(closure.output, ReturnType::Default);
            body.visit_expr(&closure.body);
        }
        body_of_step if step.is_transaction => report_no_closure(body_of_step, body.diagnostics),
        Body::Borrowing(Expr::Async(ExprAsync { block, .. })) | Body::Owning(ExprAsync { block, .. }) => {
            body.visit_block(block);
        }
        Body::Borrowing(expr) => body.visit_expr(expr),
    }
    if let Some(undo) = &step.undo {
        check_undo(undo, step.is_transaction, diagnostics);
        if let Expr::Closure(closure) = undo {
            if step.is_transaction && closure.inputs.len() > 1 {
                check_synchronous(closure, diagnostics);
            }
            StepBody { diagnostics, own: true }.visit_expr(&closure.body);
        }
    }
}

fn check_id(step: &Step, diagnostics: &mut Diagnostics) {
    let (id, noun) = (&step.id, step.noun());
    let Expr::Lit(ExprLit { lit, .. }) = id else { return };
    match lit {
        Lit::Str(text) if text.value().trim().is_empty() => {
            let message = Message::new(format!("the id of this {noun} is empty, and its result is recorded under it"));
            diagnostics.report(id, message.help(format!("name what the {noun} does: `{noun}!(\"charge-card\", ..)`")));
        }
        Lit::Str(_) => {}
        _ => {
            let text = format!("the id of a {noun} is a text, and this is `{}`", source(id));
            let help = format!("write `\"step-{}\"`", source(id).replace('"', ""));
            diagnostics.report(id, Message::new(text).help(help));
        }
    }
}

fn report_closure(closure: &ExprClosure, diagnostics: &mut Diagnostics) {
    let ExprClosure { body, inputs_begin, .. } = closure;
    let message = Message::new("the body of a step is an expression, and this is a closure, which nobody calls");
    let help = if source(body).len() < 60 {
        format!("write the body itself: `step!(\"id\", {})`", source(body).trim())
    } else {
        "write the body itself: `step!(\"id\", { .. })`".to_owned()
    };
    diagnostics.report(inputs_begin, message.help(help));
}

fn report_no_closure(body: &Body, diagnostics: &mut Diagnostics) {
    let message = Message::new("the body of a transaction is a closure that is given the connection, and this is none");
    let help = "write `|db|` before it, and let it use `db`: `transaction!(\"debit\", |db| db.execute(\"UPDATE ..\", [cents]))`";
    let message = message.help(help);
    match body {
        Body::Borrowing(expr) => diagnostics.report(expr, message),
        Body::Owning(block) => diagnostics.report(block.async_token, message),
        Body::Closure(closure) | Body::Transaction(closure) => diagnostics.report(closure.inputs_begin, message),
    }
}

/// What is wrong with the closure of a transaction, besides what is wrong in any step.
fn check_transaction(closure: &ExprClosure, diagnostics: &mut Diagnostics) {
    if closure.inputs.len() != 1 {
        let message = Message::new("the body of a transaction takes one argument: the connection");
        let help = "write `|db| ..`; other values it takes from the variables around, which are cloned for it";
        diagnostics.report(closure.inputs_begin, message.help(help));
    }
    check_synchronous(closure, diagnostics);
}

/// Reports what waits, and what can't be cloned, in the closure of a transaction.
fn check_synchronous(closure: &ExprClosure, diagnostics: &mut Diagnostics) {
    if let Some(asyncness) = closure.asyncness {
        report_waiting(asyncness, "an `async` closure", diagnostics);
    }
    Synchronous { diagnostics }.visit_expr(&closure.body);
}

fn report_waiting(at: impl ToTokens, what: &str, diagnostics: &mut Diagnostics) {
    let text = format!("{what} in a transaction: all who write wait until it has ended, so it waits for nobody");
    let help = "do it in a step before, and use its value in the transaction: `let rate = step!(\"rate\", rate().await?).await?;`";
    diagnostics.report(at, Message::new(text).help(help));
}

struct Synchronous<'a> {
    diagnostics: &'a mut Diagnostics,
}

impl<'ast> Visit<'ast> for Synchronous<'_> {
    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        // A step inside is reported as such.
        if !matches!(&*node.base, Expr::Macro(call) if macros::kind(&call.mac) == Kind::Step) {
            report_waiting(node.await_token, "`.await`", self.diagnostics);
        }
        visit::visit_expr_await(self, node);
    }

    fn visit_expr_path(&mut self, node: &'ast ExprPath) {
        if node.path.is_ident("self") {
            self.diagnostics.report(node, self_is_not_kept("a transaction"));
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if macros::kind(call) != Kind::Opaque
            && let Some(arguments) = reading::arguments(call)
        {
            arguments.exprs.iter().for_each(|expr| self.visit_expr(expr));
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Walks a step body. `own` is whether `return` would leave the step.
struct StepBody<'a> {
    diagnostics: &'a mut Diagnostics,
    own: bool,
}

impl StepBody<'_> {
    fn inner(&mut self, walk: impl FnOnce(&mut StepBody<'_>)) {
        walk(&mut StepBody { diagnostics: &mut *self.diagnostics, own: false });
    }

    fn report_nested(&mut self, call: &Macro) {
        let name = source(&call.path);
        let message = Message::new(format!(
            "`{name}!` inside a step: when the outer step is replayed its body is skipped, and this one with it"
        ));
        let message = match macros::kind(call) {
            Kind::Step => message.help(format!(
                "await it before the outer step, and use its value there: `let inner = {name}!(..).await?;`"
            )),
            _ => message.help("move it out of the step: a step waits for plain futures only"),
        };
        self.diagnostics.report(&call.path, message.note(Lint::NestedStep.note()));
    }
}

impl<'ast> Visit<'ast> for StepBody<'_> {
    fn visit_expr_return(&mut self, node: &'ast ExprReturn) {
        visit::visit_expr_return(self, node);
        if !self.own {
            return;
        }
        let message = Message::new("`return` in a step would leave the step, not the workflow");
        let help = "let the step have a value and decide outside: `if step!(..).await? { return .. }`";
        let note = "to fail the step, use `?` on the error: `Err(error)?`";
        self.diagnostics.report(node.return_token, message.help(help).note(note));
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        self.inner(|inner| inner.visit_expr(&node.body));
    }

    fn visit_expr_async(&mut self, node: &'ast ExprAsync) {
        self.inner(|inner| inner.visit_block(&node.block));
    }

    fn visit_item(&mut self, node: &'ast Item) {
        self.inner(|inner| visit::visit_item(inner, node));
    }

    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        match &*node.base {
            Expr::Macro(call) if macros::kind(&call.mac) == Kind::Join => self.report_nested(&call.mac),
            _ => visit::visit_expr_await(self, node),
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        match macros::kind(call) {
            Kind::Step | Kind::Race => self.report_nested(call),
            Kind::Opaque => self.report_hidden(call),
            Kind::Join | Kind::Known(_) | Kind::Conditional => match reading::arguments(call) {
                Some(arguments) => arguments.exprs.iter().for_each(|expr| self.visit_expr(expr)),
                None => self.report_hidden(call),
            },
        }
    }
}

impl StepBody<'_> {
    /// A step within tokens that can't be read.
    fn report_hidden(&mut self, call: &Macro) {
        if let Some(found) = macros::find_step(&call.tokens) {
            let message = Message::new(format!(
                "`{found}!` inside a step: when the outer step is replayed its body is skipped, and this one with it",
            ));
            let message = message.help("await it before the outer step, and use its value there");
            self.diagnostics.report(found, message.note(Lint::NestedStep.note()));
        }
    }
}
