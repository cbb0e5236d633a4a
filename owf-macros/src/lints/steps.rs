//! What the walk does at a step: its ID, whether somebody awaits it, and what it changes of its own copies.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Block, Expr, ExprBlock, ExprCall, ExprMacro, ExprMethodCall, Ident, Local, Macro, Pat, Path, Stmt};

use super::values::is_durable;
use super::walk::{Walk, written};
use super::{Lint, duplicate_id, unawaited_step};
use crate::body::macros::{self, Kind};
use crate::body::{race, reading};
use crate::diagnostics::{Diagnostics, Message};
use crate::idents::is_one_of;
use crate::resolve::{Found, Namespace, Own, segments};
use crate::step::captures::Bound;
use crate::step::{owned_mutations, read_step};
use syn::visit::Visit as _;

/// The runtime's functions that make an operation, whose ID is the first argument.
const OPERATIONS: &[&str] = &[
    "invoke",
    "now",
    "random",
    "send_event",
    "send_events",
    "send_signal",
    "sleep",
    "sleep_until",
    "uuid",
    "wait_for_event",
    "wait_for_signal",
];

/// Methods whose closure makes what comes out of them.
const MAKING: &[&str] = &["and_then", "filter_map", "flat_map", "map", "then"];

/// Methods after which there is what was there before.
const PASSING_ON: &[&str] = &["collect", "into_iter", "rev", "skip", "step_by", "take"];

/// Methods whose elements are those of the list that they are called on.
const LISTING: &[&str] = &["drain", "into_iter", "iter", "iter_mut", "rev"];

/// Methods that put something into a collection.
const FILLING: &[&str] = &["insert", "push", "push_back", "push_front"];

/// Methods that say how much is in one.
const ASKING: &[&str] = &["capacity", "is_empty", "is_none", "is_some", "len"];

/// Whether a path is that of one of them.
pub(crate) fn is_operation(path: &[String]) -> bool {
    matches!(path, [root, name] if root == "owf_runtime" && OPERATIONS.contains(&name.as_str()))
}

/// The IDs of the steps so far.
#[derive(Default)]
pub(super) struct Steps {
    ids: BTreeSet<String>,
}

impl Walk<'_> {
    pub(super) fn step(&mut self, call: &Macro) {
        // What is wrong with it as a step is reported by the check of steps.
        let Some(step) = read_step(call) else { return };
        if self.report().is_none() {
            return;
        }
        self.id(&step.id, "step!");
        self.check_future(&step);
        step.options.iter().filter_map(|option| option.value.as_ref()).for_each(|value| self.visit_expr(value));
        let mutations = owned_mutations(&step);
        self.mention_all(call.tokens.clone());
        mutations.into_iter().for_each(|name| self.lost(name));
    }

    pub(super) fn race(&mut self, call: &Macro) {
        if !race::has_arms(call) {
            // One without its `=>`s was reported.
            if !race::check_no_arms(call, &mut Diagnostics::default()) {
                self.arguments(call);
            }
            return;
        }
        for arm in race::parse_race(call, &mut Diagnostics::default()).unwrap_or_default() {
            self.check_operand(&arm.durable, call);
            self.visit_expr(&arm.durable);
            let known = self.type_of_awaited(&arm.durable);
            self.race_arm(&arm.pattern, known, &arm.body);
        }
    }

    /// The arguments of a call, of which the first may be an operation's ID.
    pub(super) fn call_arguments(&mut self, call: &ExprCall) {
        let operation = self.operation(&call.func);
        for (at, argument) in call.args.iter().enumerate() {
            match &operation {
                Some(name) if at == 0 => self.id(argument, name),
                _ => self.visit_expr(argument),
            }
        }
    }

    /// The name of one of the runtime's functions that make an operation.
    fn operation(&mut self, function: &Expr) -> Option<String> {
        let Expr::Path(path) = function else { return None };
        let name = path.path.segments.last()?.ident.to_string();
        if self.report().is_none() || !OPERATIONS.contains(&name.as_str()) {
            return None;
        }
        match self.scope.find(&segments(&path.path), Namespace::Values) {
            Found::Absolute(full) if is_operation(&full) => Some(name),
            _ => None,
        }
    }

    /// The ID of what `maker` makes.
    fn id(&mut self, id: &Expr, maker: &str) {
        self.check_duplicate(id, maker);
        let around = std::mem::replace(&mut self.is_id, true);
        self.visit_expr(id);
        self.is_id = around;
    }

    fn check_duplicate(&mut self, id: &Expr, maker: &str) {
        let value = self.id_text(id);
        let Some(value) = value else { return };
        let Some(report) = self.report() else { return };
        if report.steps.ids.insert(value.clone()) || report.allows(Lint::DuplicateId) {
            return;
        }
        let what = if maker == "step!" { "step" } else { "operation" };
        let (shown, is_formatted) = match value.split_once(duplicate_id::VARIABLES) {
            Some((source, _)) => (source, true),
            None => (value.as_str(), false),
        };
        let text =
            format!("another {what} of this function has the ID `{shown}`, and {}", duplicate_id::ABOUT.consequence);
        let other = (2..).map(|count| format!("{value}-{count}")).find(|other| !report.steps.ids.contains(other));
        let other = match other.filter(|_| !is_formatted) {
            Some(other) => format!("\"{other}\""),
            None => shown.replacen("(\"", "(\"another-", 1),
        };
        let help = format!("give each its own: `{maker}({other}, ..)`");
        report.diagnostics.report(id, Message::new(text).help(help).note(Lint::DuplicateId.note()));
    }

    /// A step, or an `async` block with steps, that a statement throws away.
    pub(super) fn check_awaited(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Macro(call) if call.semi_token.is_some() && macros::kind(&call.mac) == Kind::Step => {
                self.report_unawaited(&call.mac.path);
            }
            Stmt::Macro(call) if call.semi_token.is_some() => self.check_all_discarded(self.durables_in(&call.mac)),
            Stmt::Expr(expr, Some(_)) => self.check_discarded(expr),
            Stmt::Local(local) if matches!(local.pat, Pat::Wild(_)) => {
                if let Some(init) = &local.init {
                    self.check_discarded(&init.expr);
                }
            }
            _ => {}
        }
    }

    /// A value that is thrown away.
    pub(super) fn check_discarded(&mut self, value: &Expr) {
        self.check_all_discarded(self.durables(value));
        if let Expr::Call(call) = value
            && let Expr::Path(function) = &*call.func
            && let Some(name) = function.path.get_ident()
            && self.variables.find(&name.to_string()).is_some_and(|closure| closure.makes_steps)
        {
            self.report_unawaited(&function.path);
        }
    }

    /// Whether a statement does nothing but throw away a step that a variable holds, which is no use of it.
    pub(super) fn throws_step_away(&mut self, stmt: &Stmt) -> bool {
        if self.report().is_none() {
            return false;
        }
        let thrown = match stmt {
            Stmt::Local(Local { pat: Pat::Wild(_), init: Some(init), .. }) => Some(&*init.expr),
            Stmt::Expr(Expr::Assign(node), _) if matches!(&*node.left, Expr::Infer(_)) => Some(&*node.right),
            Stmt::Expr(Expr::Call(call), _) if self.is_drop(&call.func) => call.args.first(),
            _ => None,
        };
        let Some(Expr::Path(thrown)) = thrown else { return false };
        let Some(name) = thrown.path.get_ident() else { return false };
        self.variables
            .find(&name.to_string())
            .is_some_and(|variable| variable.unawaited.is_some() || variable.held.is_some())
    }

    fn is_drop(&self, function: &Expr) -> bool {
        let Expr::Path(path) = function else { return false };
        path.path.segments.last().is_some_and(|last| last.ident == "drop")
            && match self.scope.find(&segments(&path.path), Namespace::Values) {
                Found::Absolute(full) => full == ["std", "mem", "drop"],
                Found::Unknown => path.path.is_ident("drop"),
                _ => false,
            }
    }

    /// The step that each turn of a loop over a list is to await.
    pub(super) fn step_of_turn(&mut self, list: &Expr) -> Option<Path> {
        self.report()?;
        let mut list = list;
        while let Expr::MethodCall(call) = list
            && is_one_of(&call.method, LISTING)
        {
            list = &call.receiver;
        }
        let Expr::Path(path) = list else { return self.durables(list).into_iter().next() };
        let variable = self.variables.find(&path.path.get_ident()?.to_string())?;
        variable.unawaited.clone().or_else(|| variable.held.clone())
    }

    /// Has the variable of a loop await it.
    pub(super) fn awaits_in_turn(&mut self, pat: &Pat, step: Option<Path>) {
        if let Pat::Ident(name) = pat
            && let Some(variable) = self.variables.find(&name.ident.to_string())
        {
            variable.unawaited = step;
        }
    }

    /// Whether it is a closure that makes a step each time it is called.
    pub(super) fn makes_steps(&self, init: &Expr) -> bool {
        matches!(init, Expr::Closure(closure) if !self.durables(&closure.body).is_empty())
    }

    fn check_all_discarded(&mut self, steps: Vec<Path>) {
        steps.iter().for_each(|step| self.report_unawaited(step));
    }

    /// The step that a `let` binds, which somebody has to await.
    pub(super) fn unawaited(&mut self, pat: &Pat, init: &Expr) -> Option<Path> {
        let pat = if let Pat::Type(typed) = pat { &typed.pat } else { pat };
        let step = matches!(pat, Pat::Ident(_)).then(|| self.durables(init).into_iter().next()).flatten()?;
        // Who never mentions it is told at the end, where the opt-outs of the statement are over.
        let is_allowed = self.report().is_none_or(|report| report.allows(Lint::UnawaitedStep));
        (!is_allowed).then_some(step)
    }

    /// Whether an expression of a workflow is a step that is not awaited.
    pub(super) fn makes_step(&mut self, value: &Expr) -> bool {
        self.report().is_some() && !self.durables(value).is_empty()
    }

    /// `if let step = step!(..)` and `match step!(..) { step => .. }`
    pub(super) fn matched(&mut self, pat: &Pat, value: &Expr) {
        match pat {
            Pat::Wild(_) => self.check_discarded(value),
            Pat::Ident(name) => {
                let step = self.unawaited(pat, value);
                if let (Some(step), Some(variable)) = (step, self.variables.find(&name.ident.to_string())) {
                    variable.unawaited = Some(step);
                }
            }
            _ => {}
        }
    }

    /// Whether a method call only puts a step into a variable, or asks how many there are: `steps.push(step!(..))`.
    pub(super) fn holds(&mut self, call: &ExprMethodCall) -> bool {
        let Expr::Path(receiver) = &*call.receiver else { return false };
        let method = call.method.to_string();
        let asks = ASKING.contains(&method.as_str());
        if !asks && !FILLING.contains(&method.as_str()) {
            return false;
        }
        let Some(name) = receiver.path.get_ident().map(ToString::to_string) else { return false };
        let Some(variable) = self.variables.find(&name) else { return false };
        if asks {
            return variable.unawaited.is_some() || variable.held.is_some();
        }
        let number = variable.number;
        if self.report().is_none() {
            return false;
        }
        if let Some(Expr::Macro(step)) = call.args.last()
            && macros::kind(&step.mac) == Kind::Step
        {
            let own = Bound::of_names(self.variables.declared_after(number));
            if let Some(report) = self.report() {
                report.context.leaving.note(&step.mac, own);
            }
        }
        let steps = call.args.last().map(|last| self.durables(last)).unwrap_or_default();
        let is_allowed = self.report().is_none_or(|report| report.allows(Lint::UnawaitedStep));
        match (steps.into_iter().next(), self.variables.find(&name)) {
            (Some(step), Some(variable)) => {
                variable.held = variable.held.take().or(Some(step)).filter(|_| !is_allowed);
                true
            }
            _ => false,
        }
    }

    /// The steps that the parts of a pattern are.
    pub(super) fn unawaited_parts(&mut self, pat: &Pat, init: &Expr) {
        let (Pat::Tuple(pat), Expr::Tuple(init)) = (pat, init) else { return };
        for (part, value) in pat.elems.iter().zip(&init.elems) {
            if matches!(part, Pat::Wild(_)) {
                self.check_discarded(value);
            }
            let Some(step) = self.unawaited(part, value) else { continue };
            if let Pat::Ident(name) = part
                && let Some(variable) = self.variables.find(&name.ident.to_string())
            {
                variable.unawaited = Some(step);
            }
        }
    }

    pub(super) fn report_unawaited(&mut self, step: &Path) {
        self.report_unawaited_as(step, None, true, ("", ""));
    }

    /// `code` is the operation as it is written, `is_fallible` whether its `.await` yields a `Result`, `around` what stands around its value.
    pub(super) fn report_unawaited_as(
        &mut self,
        step: &Path,
        code: Option<String>,
        is_fallible: bool,
        (before, after): (&str, &str),
    ) {
        let Some(report) = self.report() else { return };
        if report.allows(Lint::UnawaitedStep) {
            return;
        }
        let consequence = unawaited_step::ABOUT.consequence;
        let name = written(step);
        let macro_name = step.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let (text, operation) = match macro_name.as_str() {
            "step" | "transaction" => (
                format!("this {macro_name} is made and never awaited, and {consequence}"),
                format!("{macro_name}!(..)"),
            ),
            "join" | "race" if !is_fallible => {
                (format!("this `{macro_name}!` is never awaited, and {consequence}"), format!("{macro_name}!(..)"))
            }
            _ => (format!("`{name}` is called and never awaited, and {consequence}"), format!("{name}(..)")),
        };
        let await_it = if is_fallible { ".await?" } else { ".await" };
        let help = format!("await it: `{before}{}{await_it}{after}`", code.unwrap_or(operation));
        report.diagnostics.report(step, Message::new(text).help(help).note(Lint::UnawaitedStep.note()));
    }

    /// A step that owns what it uses changes its copy of a variable.
    fn lost(&mut self, name: Ident) {
        let loops = self.variables.loops;
        let Some(variable) = self.variables.find(&name.to_string()) else { return };
        if variable.loops < loops {
            return self.report_lost(&name);
        }
        variable.lost = Some(name);
    }

    pub(super) fn report_lost(&mut self, name: &Ident) {
        let Some(report) = self.report() else { return };
        if report.allows(Lint::LostMutation) {
            return;
        }
        let text = format!(
            "`{name}` is changed inside a step with `async move`, which changes a copy: `{name}` is as before when it is read later"
        );
        let help = format!("return the new value from the step: `{name} = step!(..).await?;`");
        report.diagnostics.report(name, Message::new(text).help(help).note(Lint::LostMutation.note()));
    }
}

impl Walk<'_> {
    /// The steps that an expression is or holds, and does not await.
    fn durables(&self, expr: &Expr) -> Vec<Path> {
        match expr {
            Expr::Macro(ExprMacro { mac, .. }) => self.durables_of_macro(mac),
            Expr::Paren(paren) => self.durables(&paren.expr),
            Expr::Block(ExprBlock { block, label: None, .. }) => self.durables_of_block(block),
            Expr::If(node) => {
                let otherwise = node.else_branch.as_ref().map(|(_, otherwise)| self.durables(otherwise));
                let then = self.durables_of_block(&node.then_branch);
                then.into_iter().chain(otherwise.into_iter().flatten()).collect()
            }
            Expr::Match(node) => self.all_durables(node.arms.iter().map(|arm| &*arm.body)),
            Expr::Reference(reference) => self.durables(&reference.expr),
            Expr::Tuple(tuple) => self.all_durables(&tuple.elems),
            Expr::Array(array) => self.all_durables(&array.elems),
            Expr::Struct(made) => made.fields.iter().flat_map(|field| self.durables(&field.expr)).collect(),
            Expr::MethodCall(call) if is_one_of(&call.method, PASSING_ON) => self.durables(&call.receiver),
            Expr::MethodCall(call) if is_one_of(&call.method, MAKING) => match call.args.last() {
                Some(Expr::Closure(closure)) => self.durables(&closure.body),
                _ => Vec::new(),
            },
            Expr::Async(block) => {
                let found = macros::find_step(&block.block.to_token_stream());
                found.and_then(|found| syn::parse2(found.into()).ok()).into_iter().collect()
            }
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) if path.qself.is_none() => self.durables_of_call(&path.path, &call.args),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn durables_of_block(&self, block: &Block) -> Vec<Path> {
        match block.stmts.last() {
            Some(Stmt::Expr(tail, None)) => self.durables(tail),
            Some(Stmt::Macro(call)) if call.semi_token.is_none() => self.durables_of_macro(&call.mac),
            _ => Vec::new(),
        }
    }

    fn durables_of_macro(&self, call: &Macro) -> Vec<Path> {
        if macros::kind(call) == Kind::Step { vec![call.path.clone()] } else { self.durables_in(call) }
    }

    fn all_durables<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Vec<Path> {
        exprs.into_iter().flat_map(|expr| self.durables(expr)).collect()
    }

    /// `vec![step!(..)]`
    fn durables_in(&self, call: &Macro) -> Vec<Path> {
        match reading::arguments(call) {
            Some(arguments) if macros::name(call) == "vec" => self.all_durables(&arguments.exprs),
            _ => Vec::new(),
        }
    }

    fn durables_of_call(&self, path: &Path, arguments: &super::paths::Arguments) -> Vec<Path> {
        let passes_on = || self.all_durables(arguments);
        match self.scope.find(&segments(path), Namespace::Values) {
            Found::Absolute(full) => match full.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["std", "mem", "drop" | "forget"] | ["std", "boxed", "Box", "new" | "pin"] => passes_on(),
                _ if is_operation(&full) => vec![path.clone()],
                _ => Vec::new(),
            },
            Found::Own(Own::Function(function)) if is_durable(&function) => vec![path.clone()],
            Found::Type(_) => passes_on(),
            Found::Unknown if ["drop", "Some", "Ok", "Err"].iter().any(|name| path.is_ident(name)) => passes_on(),
            Found::Unknown if is_boxing(path) => passes_on(),
            _ => Vec::new(),
        }
    }
}

/// `Box::new` and `Box::pin`
fn is_boxing(path: &Path) -> bool {
    let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    matches!(names.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), ["Box", "new" | "pin"])
}
