//! What the walk does at a step: its ID, whether somebody awaits it, and what it changes of its own copies.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Expr, ExprMacro, Ident, Macro, Pat, Path, Stmt};

use super::walk::Walk;
use super::{Lint, duplicate_id, unawaited_step};
use crate::body::macros::{self, Kind};
use crate::body::race;
use crate::diagnostics::{Diagnostics, Message, source};
use crate::resolve::{Found, Namespace, Own, segments, text};
use crate::step::{Body, owned_mutations, parse_step};
use syn::visit::Visit as _;

/// The IDs of the steps so far.
#[derive(Default)]
pub(super) struct Steps {
    ids: BTreeSet<String>,
}

impl Walk<'_> {
    pub(super) fn step(&mut self, call: &Macro) {
        // What is wrong with it as a step is reported by the check of steps.
        let Some(step) = parse_step(call, &mut Diagnostics::default()) else { return };
        if self.report().is_none() {
            return;
        }
        self.check_duplicate(&step.id);
        let around = std::mem::replace(&mut self.is_id, true);
        self.visit_expr(&step.id);
        self.is_id = around;
        step.options.iter().filter_map(|option| option.value.as_ref()).for_each(|value| self.visit_expr(value));
        let mutations = owned_mutations(&step);
        match step.body {
            Body::Owning(body) => self.mention_all(body.to_token_stream()),
            Body::Borrowing(body) => self.mention_all(body.to_token_stream()),
            Body::Closure(body) => self.mention_all(body.to_token_stream()),
        }
        mutations.into_iter().for_each(|name| self.lost(name));
    }

    pub(super) fn race(&mut self, call: &Macro) {
        if !race::has_arms(call) {
            return self.arguments(call);
        }
        for arm in race::parse_race(call, &mut Diagnostics::default()).unwrap_or_default() {
            self.visit_expr(&arm.durable);
            self.race_arm(&arm.pattern, &arm.body);
        }
    }

    fn check_duplicate(&mut self, id: &Expr) {
        let value = match id {
            Expr::Path(path) if path.qself.is_none() => {
                match self.scope.find(&segments(&path.path), Namespace::Values) {
                    Found::Own(Own::Const(value)) => value,
                    _ => None,
                }
            }
            other => text(other),
        };
        let Some(value) = value else { return };
        let Some(report) = self.report() else { return };
        if report.steps.ids.insert(value.clone()) || report.allows(Lint::DuplicateId) {
            return;
        }
        let text =
            format!("another step of this function has the ID `{value}`, and {}", duplicate_id::ABOUT.consequence);
        let other = (2..).map(|count| format!("{value}-{count}")).find(|other| !report.steps.ids.contains(other));
        let help = format!("give each its own: `step!(\"{}\", ..)`", other.unwrap_or_default());
        report.diagnostics.report(id, Message::new(text).help(help).note(Lint::DuplicateId.note()));
    }

    /// A step, or an `async` block with steps, that a statement throws away.
    pub(super) fn check_awaited(&mut self, stmt: &Stmt) {
        let step = match stmt {
            Stmt::Macro(call) if call.semi_token.is_some() && macros::kind(&call.mac) == Kind::Step => {
                Some(call.mac.path.clone())
            }
            Stmt::Expr(expr, Some(_)) => durable(expr),
            Stmt::Local(local) if matches!(local.pat, Pat::Wild(_)) => {
                local.init.as_ref().and_then(|init| durable(&init.expr))
            }
            _ => None,
        };
        if let Some(step) = step {
            self.report_unawaited(&step);
        }
    }

    /// The step that a `let` binds, which somebody has to await.
    pub(super) fn unawaited(&mut self, pat: &Pat, init: &Expr) -> Option<Path> {
        let pat = if let Pat::Type(typed) = pat { &typed.pat } else { pat };
        let step = matches!(pat, Pat::Ident(_)).then(|| durable(init)).flatten()?;
        // Who never mentions it is told at the end, where the opt-outs of the statement are over.
        let is_allowed = self.report().is_none_or(|report| report.allows(Lint::UnawaitedStep));
        (!is_allowed).then_some(step)
    }

    pub(super) fn report_unawaited(&mut self, step: &Path) {
        let Some(report) = self.report() else { return };
        if report.allows(Lint::UnawaitedStep) {
            return;
        }
        let text = format!("this step is made and never awaited, and {}", unawaited_step::ABOUT.consequence);
        let help = "await it: `step!(..).await?`";
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

/// The path of the `step!` that an expression is, or that it awaits within an `async` block.
fn durable(expr: &Expr) -> Option<Path> {
    match expr {
        Expr::Macro(ExprMacro { mac, .. }) if macros::kind(mac) == Kind::Step => Some(mac.path.clone()),
        Expr::Paren(paren) => durable(&paren.expr),
        Expr::Async(block) => {
            let found = macros::find_step(&block.block.to_token_stream())?;
            syn::parse2(found.into()).ok()
        }
        Expr::Call(call) => match (&*call.func, call.args.len()) {
            (Expr::Path(path), 1)
                if matches!(source(path).as_str(), "drop" | "std::mem::drop" | "std::mem::forget") =>
            {
                durable(call.args.first()?)
            }
            _ => None,
        },
        _ => None,
    }
}
