//! Operations that are used as if they were their values, where the code around tells at once that they can't be: `step!(..)?`,
//! `if step!(..)`, `Ok(step!(..))`, `let (a, b) = join!(..)`. And the other way round: values in `join!`, and workflows that are called.
//!
//! What is reported is noted for whoever expands it, so that the types around fit and rustc has nothing to add.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Block, Expr, ExprCall, ExprTry, ExprUnary, Macro, Pat, Path, Signature, Stmt, UnOp};

use super::Lint;
use super::paths::Arguments;
use super::steps::is_operation;
use super::walk::Walk;
use crate::body::macros::{self, Kind, find_step};
use crate::body::{race, reading};
use crate::diagnostics::{Message, source};
use crate::idents::is_one_of;
use crate::resolve::{Fallback, Found, Function, Home, Marker, Namespace, Own, segments};
use crate::signature::output_name;
use crate::step::model::Step;
use crate::step::{Body, plain_function, unawaited_body};

/// The longest code that a message repeats.
const SOURCE_MAX: usize = 80;

/// Methods of operations that return them.
const SETTING: &[&str] = &["detached", "id", "matching", "timeout"];

/// What is made of an operation that nobody awaits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mend {
    /// What its `.await` yields.
    Await,
    /// What its `.await?` yields.
    Value,
    /// A value of any type, as it is what the function returns.
    Last,
    /// As `Last`, of a function that returns a `Result`.
    LastResult,
}

impl Mend {
    pub(crate) const ALL: [Mend; 4] = [Mend::Await, Mend::Value, Mend::Last, Mend::LastResult];

    /// How it is noted.
    pub(crate) fn part(self) -> &'static str {
        match self {
            Mend::Await => "mend-await",
            Mend::Value => "mend-value",
            Mend::Last => "mend-last",
            Mend::LastResult => "mend-last-result",
        }
    }
}

/// How an operand of `join!` or `race!` that is awaited already is noted.
pub(crate) const AWAITED: &str = "awaited";

/// How an operation with a `?` before its `.await` is noted.
pub(crate) const EARLY: &str = "early";

/// How a plain future that is awaited is noted.
pub(crate) const PLAIN: &str = "plain";

/// How a workflow that is called is noted.
pub(crate) const CALLED: &str = "called";

/// Where it is noted that the body of a step is a future, which is the step.
pub(crate) const FUTURE: &str = "future";

/// The name of what may be an operation: of the macro or function that makes it.
pub(crate) fn maker(expr: &Expr) -> Option<&Path> {
    match expr {
        Expr::Macro(call) => match macros::kind(&call.mac) {
            Kind::Step | Kind::Join => Some(&call.mac.path),
            // One with arms is a value.
            Kind::Race if !race::has_arms(&call.mac) => Some(&call.mac.path),
            _ => None,
        },
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if path.qself.is_none() => Some(&path.path),
            _ => None,
        },
        Expr::MethodCall(call) if is_one_of(&call.method, SETTING) => maker(&call.receiver),
        Expr::Paren(paren) => maker(&paren.expr),
        _ => None,
    }
}

/// Where something is noted of it.
pub(crate) fn place(maker: &Path) -> Span {
    maker.segments.last().map_or_else(Span::call_site, |last| last.ident.span())
}

impl Walk<'_> {
    /// Looks for operations where a value has to be.
    pub(super) fn check_values(&mut self, node: &Expr) {
        match node {
            Expr::Await(node) => match &*node.base {
                Expr::Try(attempt) => self.asked_early(attempt),
                Expr::Call(call) => self.plain_future(call),
                _ => {}
            },
            Expr::Try(node) => self.needs_value(&node.expr, Mend::Await),
            Expr::Unary(ExprUnary { op: UnOp::Not(_) | UnOp::Neg(_), expr, .. }) => self.needs_value(expr, Mend::Value),
            Expr::Binary(node) => {
                self.needs_value(&node.left, Mend::Value);
                self.needs_value(&node.right, Mend::Value);
            }
            Expr::Field(node) => self.needs_value(&node.base, Mend::Value),
            Expr::Index(node) => self.needs_value(&node.expr, Mend::Value),
            Expr::If(node) => self.needs_value(&node.cond, Mend::Value),
            Expr::While(node) => self.needs_value(&node.cond, Mend::Value),
            Expr::Let(node) => self.taken_apart(&node.pat, &node.expr),
            Expr::Match(node) => {
                if let Some(arm) = node.arms.iter().find(|arm| taking_apart(&arm.pat).is_some()) {
                    self.taken_apart(&arm.pat, &node.expr);
                }
            }
            _ => {}
        }
    }

    /// `let (a, b) = join!(..)`
    pub(super) fn taken_apart(&mut self, pat: &Pat, value: &Expr) {
        if let Some(mend) = taking_apart(pat) {
            self.needs_value(value, mend);
        }
    }

    /// A variable in a text that shows it.
    pub(super) fn shown(&mut self, name: &str) {
        if let Some(step) = self.variables.find(name).and_then(|variable| variable.operation()) {
            self.report_value(&step, None, Mend::Value);
        }
    }

    /// The values of a function: `Ok(step!(..))`, or a step that is the last expression.
    pub(super) fn check_ends(&mut self, block: &Block, sig: &Signature) {
        let output = output_name(sig).unwrap_or_default();
        if sig.asyncness.is_some() && self.report().is_some() && !output.contains("Durable") {
            self.ends_of_block(block, if output.ends_with("Result") { Mend::LastResult } else { Mend::Last });
        }
    }

    fn ends_of_block(&mut self, block: &Block, last: Mend) {
        match block.stmts.last() {
            Some(Stmt::Expr(end, None)) => self.end(end, last),
            Some(Stmt::Macro(call)) if call.semi_token.is_none() && macros::kind(&call.mac) == Kind::Step => {
                self.report_value(&call.mac.path, Some(call.mac.to_token_stream()), last);
            }
            _ => {}
        }
    }

    fn end(&mut self, end: &Expr, last: Mend) {
        match end {
            Expr::Block(block) if block.label.is_none() => self.ends_of_block(&block.block, last),
            Expr::If(branch) => {
                self.ends_of_block(&branch.then_branch, last);
                branch.else_branch.iter().for_each(|(_, other)| self.end(other, last));
            }
            Expr::Match(choice) => choice.arms.iter().for_each(|arm| self.end(&arm.body, last)),
            Expr::Return(node) => node.expr.iter().for_each(|value| self.end(value, last)),
            Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Ok")) => {
                call.args.iter().for_each(|value| self.needs_value(value, Mend::Value));
            }
            Expr::Macro(_) => self.needs_value(end, last),
            _ => {}
        }
    }

    fn needs_value(&mut self, expr: &Expr, mend: Mend) {
        if self.report().is_none() {
            return;
        }
        if let Expr::Path(path) = expr {
            let Some(name) = path.path.get_ident().map(ToString::to_string) else { return };
            let Some(step) = self.variables.find(&name).and_then(|variable| variable.operation()) else { return };
            return self.report_value(&step, None, mend);
        }
        let Some(path) = self.operation_maker(expr) else { return };
        self.report_value(path, Some(expr.to_token_stream()), mend);
    }

    /// The maker of what is an operation for sure.
    fn operation_maker<'e>(&mut self, expr: &'e Expr) -> Option<&'e Path> {
        let path = maker(expr)?;
        if let Some(call) = macro_of(expr) {
            return (macros::kind(call) == Kind::Step || self.is_our_combinator(call)).then_some(path);
        }
        if path.get_ident().is_some_and(|name| self.variables.find(&name.to_string()).is_some()) {
            return None;
        }
        let is_operation = match self.scope.find(&segments(path), Namespace::Values) {
            Found::Absolute(full) => is_operation(&full),
            Found::Own(Own::Function(function)) => is_durable(&function),
            _ => false,
        };
        is_operation.then_some(path)
    }

    /// Whether it is our `join!` or `race!`, and no other crate's.
    fn is_our_combinator(&self, call: &Macro) -> bool {
        match self.scope.find(&segments(&call.path), Namespace::Macros) {
            Found::Absolute(full) => full.first().is_some_and(|root| root == "owf_runtime"),
            Found::Unknown => call.path.segments.len() == 1,
            _ => false,
        }
    }

    /// Reports an operation of which the value is used.
    fn report_value(&mut self, maker: &Path, code: Option<TokenStream>, mend: Mend) {
        let is_fallible = match self.scope.find(&segments(maker), Namespace::Values) {
            Found::Own(Own::Function(function)) => {
                output_name(&function.sig).is_some_and(|name| name.ends_with("Result"))
            }
            _ => !maker.segments.last().is_some_and(|last| last.ident == "join" || last.ident == "race"),
        };
        let Some(report) = self.report() else { return };
        if report.allows(Lint::UnawaitedStep) {
            return;
        }
        if report.context.told.is_harmless(place(maker), EARLY) {
            return;
        }
        let part = if mend == Mend::Value && !is_fallible { Mend::Await } else { mend }.part();
        report.context.told.note(place(maker), part, true);
        // What is wrong with its operands was reported, and how the whole is written with it.
        if report.context.told.is_harmless(place(maker), AWAITED) {
            return;
        }
        let code = code.map(|code| source(code).trim().to_owned()).filter(|code| code.len() <= SOURCE_MAX);
        let around = if mend == Mend::LastResult && is_fallible { ("Ok(", ")") } else { ("", "") };
        self.report_unawaited_as(maker, code, is_fallible, around);
    }

    /// An `async fn` of the crate without an attribute, which is awaited outside of a step.
    fn plain_future(&mut self, call: &ExprCall) {
        if self.is_refused || self.report().is_none() {
            return;
        }
        let Some(bound) = self.variables.bound.clone() else { return };
        let Some((function, await_it)) = plain_function(call, &self.scope, &bound) else { return };
        let Expr::Path(path) = &*call.func else { return };
        let (name, code) = (source(&path.path), source(call));
        let code = if code.len() <= SOURCE_MAX { code.trim().to_owned() } else { format!("{name}(..)") };
        let has_steps = || {
            let _fallback = function.is_read.then(Fallback::enter);
            self.scope.body(&function).is_some_and(|body| find_step(&body.to_token_stream()).is_some())
        };
        let has_steps = has_steps();
        // A step in a function within the workflow was reported there.
        if has_steps && function.home == Home::Block {
            return;
        }
        let help = if has_steps {
            format!("as it has steps, mark it: `#[durable] async fn {}(..)`", function.name)
        } else {
            let id = function.name.replace('_', "-");
            format!("do it in a step, whose result is recorded: `step!(\"{id}\", {code}{await_it}).await?`")
        };
        let Some(report) = self.report() else { return };
        report.context.told.note(place(&path.path), PLAIN, true);
        let text = format!("`{name}` is awaited outside of a step, and would run again on every re-entry");
        let note = "a workflow awaits steps, timers, `join!`/`race!` of them, and `#[durable]` functions";
        report.diagnostics.report(call, Message::new(text).help(help).note(note));
    }

    /// `step!(..)?.await`
    fn asked_early(&mut self, attempt: &ExprTry) {
        let Some(maker) = self.operation_maker(&attempt.expr) else { return };
        let operation = source(&attempt.expr);
        let operation = if operation.len() <= SOURCE_MAX { operation.trim() } else { "step!(..)" };
        let Some(report) = self.report() else { return };
        report.context.told.note(place(maker), EARLY, true);
        let message = Message::new("this `?` stands before the `.await`, and there is no `Result` before that");
        report.diagnostics.report(attempt.question_token, message.help(format!("write `{operation}.await?`")));
    }

    /// Operands of `join!` or `race!` that are awaited already.
    pub(super) fn check_operands(&mut self, call: &Macro) {
        if self.report().is_none() {
            return;
        }
        match reading::arguments(call) {
            Some(arguments) if !race::has_arms(call) && self.is_our_combinator(call) => {
                arguments.exprs.iter().for_each(|operand| self.check_operand(operand, call));
            }
            _ => {}
        }
    }

    pub(super) fn check_operand(&mut self, operand: &Expr, call: &Macro) {
        let (awaited, what) = match operand {
            Expr::Try(attempt) => match &*attempt.expr {
                Expr::Await(awaited) => (awaited, ".await?"),
                _ => return,
            },
            Expr::Await(awaited) => (awaited, ".await"),
            _ => return,
        };
        if self.operation_maker(&awaited.base).is_none() {
            return;
        }
        let name = macros::name(call);
        let operation = source(&awaited.base);
        let operation = if operation.len() <= SOURCE_MAX { operation.trim() } else { "step!(..)" };
        let text = format!("this is awaited already, and `{name}!` takes what it awaits itself");
        let help = if race::has_arms(call) {
            format!("leave out `{what}`: `{operation} => ..`")
        } else {
            format!("leave out `{what}`, and await them together: `{name}!({operation}, ..).await`")
        };
        let Some(report) = self.report() else { return };
        report.context.told.note(awaited.await_token.span, AWAITED, true);
        report.context.told.note(place(&call.path), AWAITED, true);
        report.diagnostics.report(awaited.await_token, Message::new(text).help(help));
    }

    /// A workflow that is called as a function is.
    pub(super) fn workflow_called(&mut self, path: &Path, arguments: &Arguments) {
        let name = source(path);
        let id = path.segments.last().map(|last| last.ident.to_string().replace('_', "-")).unwrap_or_default();
        let input = if arguments.is_empty() { "()".to_owned() } else { source(arguments) };
        let Some(report) = self.report() else { return };
        report.context.told.note(place(path), CALLED, true);
        let text = format!("`{name}` is a workflow, which is not called: it becomes a run of its own");
        let help = format!("invoke it: `invoke(\"{id}\", {name}, {}).await?`", input.trim());
        report.diagnostics.report(path, Message::new(text).help(help));
    }

    /// A step whose body makes a future and does not await it.
    pub(super) fn check_future(&mut self, step: &Step) {
        let Some(bound) = self.variables.bound.clone() else { return };
        let Some((body, await_it)) = unawaited_body(step, &self.scope, &bound) else { return };
        let Some(report) = self.report() else { return };
        report.context.told.note(step.span, FUTURE, true);
        let text = "the body of this step is a future that nobody awaits";
        let (id, code) = (source(&step.id), source(body));
        let code = if code.len() <= SOURCE_MAX { code.trim() } else { ".." };
        let body_alone = matches!(&step.body, Body::Borrowing(Expr::Call(_))) && step.options.is_empty();
        let help = match body_alone && step.undo.is_none() {
            true => format!("await it: `step!({id}, {code}{await_it})`"),
            false => format!("await it: `{code}{await_it}`"),
        };
        report.diagnostics.report(body, Message::new(text).help(help));
    }
}

/// What a pattern that no operation matches needs: `Ok(value)` that which an `.await` yields.
pub(super) fn taking_apart(pat: &Pat) -> Option<Mend> {
    match pat {
        Pat::TupleStruct(pat) => {
            let is_result = pat.path.segments.last().is_some_and(|last| last.ident == "Ok" || last.ident == "Err");
            Some(if is_result { Mend::Await } else { Mend::Value })
        }
        Pat::Lit(_) | Pat::Range(_) | Pat::Slice(_) | Pat::Struct(_) | Pat::Tuple(_) => Some(Mend::Value),
        Pat::Or(pat) => pat.cases.iter().find_map(taking_apart),
        Pat::Paren(pat) => taking_apart(&pat.pat),
        Pat::Type(pat) => taking_apart(&pat.pat),
        _ => None,
    }
}

/// A `#[durable]` function.
pub(super) fn is_durable(function: &Function) -> bool {
    function.is_async && function.marker == Marker::Linted && !function.is_workflow
}

/// The macro call that an operation is, with what is set of it.
fn macro_of(expr: &Expr) -> Option<&Macro> {
    match expr {
        Expr::Macro(call) => Some(&call.mac),
        Expr::MethodCall(call) => macro_of(&call.receiver),
        Expr::Paren(paren) => macro_of(&paren.expr),
        _ => None,
    }
}
