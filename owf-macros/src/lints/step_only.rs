//! Closures, and functions in variables, that only steps call: what they do, they do in a step.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprPath, LitStr, Local, Macro, Pat};

use super::walk::Walk;
use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::probes::{asks_receiver, order, told_at};
use crate::resolve::mentions;
use crate::step::read_step;

impl Walk<'_> {
    /// Forgets what was reported of a closure or function since `reported`, and what types would tell of it, if only steps call it.
    pub(super) fn forgive_step_only(&mut self, local: &Local, reported: usize) {
        let (is_reported, Some(init)) = (self.reported() > reported, &local.init) else { return };
        let mut asked = Asked(Vec::new());
        match &*init.expr {
            Expr::Closure(closure) if self.report().is_some() => asked.visit_expr(&closure.body),
            Expr::Path(_) if is_reported => {}
            _ => return,
        }
        let pat = if let Pat::Type(typed) = &local.pat { &typed.pat } else { &local.pat };
        if let Pat::Ident(name) = pat
            && (is_reported || !asked.0.is_empty())
            && let Some(report) = self.report()
            && is_step_only(&name.ident.to_string(), report.block)
        {
            report.diagnostics.truncate(reported);
            asked.0.into_iter().for_each(|at| report.context.told.answer(at));
        }
    }
}

/// Where a closure has what the type probes ask of.
struct Asked(Vec<Span>);

impl<'ast> Visit<'ast> for Asked {
    fn visit_expr(&mut self, node: &'ast Expr) {
        let is_asked = match node {
            Expr::MethodCall(call) => {
                order::is_source(call) || call.method == "retain" || asks_receiver(&call.method.to_string())
            }
            node => matches!(node, Expr::ForLoop(_)),
        };
        self.0.extend(told_at(node).filter(|_| is_asked));
        visit::visit_expr(self, node);
    }
}

/// Whether the variables of a name are mentioned in the bodies of steps, and nowhere else.
fn is_step_only(name: &str, block: &Block) -> bool {
    let mut mentioned = Mentioned { name, in_steps: false, elsewhere: false };
    mentioned.visit_block(block);
    mentioned.in_steps && !mentioned.elsewhere
}

struct Mentioned<'n> {
    name: &'n str,
    in_steps: bool,
    elsewhere: bool,
}

impl<'ast> Visit<'ast> for Mentioned<'_> {
    fn visit_expr_path(&mut self, node: &'ast ExprPath) {
        self.elsewhere |= node.path.is_ident(self.name);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if macros::kind(call) == Kind::Step
            && let Some(step) = read_step(call)
        {
            self.visit_expr(&step.id);
            step.options.iter().filter_map(|option| option.value.as_ref()).for_each(|value| self.visit_expr(value));
            self.in_steps |= mentions(&call.tokens, self.name);
            return;
        }
        match reading::arguments(call).filter(|_| matches!(macros::kind(call), Kind::Join | Kind::Known(_))) {
            Some(arguments) => arguments.exprs.iter().for_each(|argument| self.visit_expr(argument)),
            None => self.elsewhere |= mentions(&call.tokens, self.name),
        }
    }

    fn visit_lit_str(&mut self, node: &'ast LitStr) {
        // `format!("{name}")`
        self.elsewhere |= node.value().contains(&format!("{{{}", self.name));
    }
}
