//! What is wrong with a `step!` on its own: its id, its options, its body.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprAsync, ExprAwait, ExprCall, ExprClosure, ExprLit, ExprPath, ExprReturn, Item, Lit, Macro, ReturnType,
};

use super::callees::Names;
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
use crate::resolve::FileScope;

/// Reports everything that is wrong within `step`, except in its id and option expressions, which belong to the
/// workflow around it. `variables` are the workflow's.
pub(crate) fn check_step(step: &Step, variables: &Bound, scope: &FileScope, diagnostics: &mut Diagnostics) {
    check_id(step, diagnostics);
    let _ = valid_options(step, diagnostics);
    check_mutation(step, variables, diagnostics);
    let names = Names { scope: Some(scope), variables: Some(variables) };
    let mut body = StepBody { diagnostics, names, own: true, undo: None };
    match &step.body {
        Body::Closure(closure) => report_closure(&step.id, closure, diagnostics),
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
            StepBody { diagnostics, names, own: true, undo: Some(closure) }.visit_expr(&closure.body);
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

fn report_closure(id: &Expr, closure: &ExprClosure, diagnostics: &mut Diagnostics) {
    let ExprClosure { body, inputs_begin, .. } = closure;
    let message = Message::new("the body of a step is an expression, and this is a closure, which nobody calls");
    let (id, body) = (source(id), source(body));
    let body = if body.len() < 60 { body.trim() } else { "{ .. }" };
    let help = format!("write the body itself: `step!({id}, {body})`");
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

/// Walks the body of a step or of an undo. `own` is whether `return` would leave it.
struct StepBody<'a> {
    diagnostics: &'a mut Diagnostics,
    names: Names<'a>,
    own: bool,
    undo: Option<&'a ExprClosure>,
}

impl StepBody<'_> {
    fn inner(&mut self, walk: impl FnOnce(&mut StepBody<'_>)) {
        let StepBody { names, undo, .. } = *self;
        walk(&mut StepBody { diagnostics: &mut *self.diagnostics, names, own: false, undo });
    }

    fn report_nested(&mut self, call: &Macro) {
        let name = source(&call.path);
        if let (Some(undo), Kind::Step) = (self.undo, macros::kind(call)) {
            let text =
                format!("`{name}!` inside an undo, which is a step itself: it is recorded and tried again as one");
            let body = reading::step(call, &mut Diagnostics::default()).map(|step| source(&step.body));
            let body = body.filter(|body| body.len() < 60).unwrap_or_else(|| "..".to_owned());
            let help = format!("write the effect alone: `undo = |{}| {}`", source(&undo.inputs), body.trim());
            return self.diagnostics.report(&call.path, Message::new(text).help(help).note(Lint::NestedStep.note()));
        }
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

    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        if let Some(name) = self.names.of_workflow(node) {
            let noun = if self.undo.is_some() { "an undo" } else { "a step" };
            let text = format!("`{name}` in {noun}: it belongs to the workflow, of which {noun} knows nothing");
            let help = match name {
                "run_id" => "call it before the step, and use its value there: `let run = run_id();`".to_owned(),
                _ => format!("call it before the step, or after it: `{name}(..);`"),
            };
            self.diagnostics.report(&node.func, Message::new(text).help(help).note(Lint::NestedStep.note()));
        }
        visit::visit_expr_call(self, node);
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
            Kind::Opaque if self.own && self.names.is_bailing(call) => report_bailing(call, self.diagnostics),
            Kind::Opaque => self.report_hidden(call),
            Kind::Join | Kind::Known(_) | Kind::Conditional => match reading::arguments(call) {
                Some(arguments) => arguments.exprs.iter().for_each(|expr| self.visit_expr(expr)),
                None => self.report_hidden(call),
            },
        }
    }
}

/// `bail!` and `ensure!`, which have a `return` in them.
fn report_bailing(call: &Macro, diagnostics: &mut Diagnostics) {
    let name = source(&call.path);
    let text = format!("`{name}!` is a `return`, which in a step would leave the step, not the workflow");
    let root = name.rsplit_once("::").map_or("anyhow", |(root, _)| root);
    let arguments = reading::arguments(call).map(|read| read.exprs.iter().map(source).collect::<Vec<_>>());
    let error = |rest: &[String]| match rest {
        [] => "\"..\"".to_owned(),
        rest => rest.join(", "),
    };
    let help = match arguments.as_deref() {
        Some([condition, rest @ ..]) if macros::name(call) == "ensure" => {
            format!("if !({condition}) {{ Err({root}::anyhow!({}))? }}", error(rest))
        }
        Some(all) => format!("Err({root}::anyhow!({}))?", error(all)),
        None => format!("Err({root}::anyhow!(..))?"),
    };
    diagnostics
        .report(&call.path, Message::new(text).help(format!("to fail the step, use `?` on the error: `{help}`")));
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
