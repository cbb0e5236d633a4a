//! Closures, and functions in variables, that only steps call: what they do, they do in a step.

use syn::visit::Visit;
use syn::{Block, Expr, ExprPath, LitStr, Local, Macro, Pat};

use super::walk::Walk;
use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::resolve::mentions;
use crate::step::read_step;

impl Walk<'_> {
    /// Forgets what was reported of a closure or function since `reported`, if only steps call it.
    pub(super) fn forgive_step_only(&mut self, local: &Local, reported: usize) {
        if self.reported() == reported {
            return;
        }
        let pat = if let Pat::Type(typed) = &local.pat { &typed.pat } else { &local.pat };
        let is_function = |init: &syn::LocalInit| matches!(&*init.expr, Expr::Closure(_) | Expr::Path(_));
        let (Pat::Ident(name), true) = (pat, local.init.as_ref().is_some_and(is_function)) else { return };
        if let Some(report) = self.report()
            && is_step_only(&name.ident.to_string(), report.block)
        {
            report.diagnostics.truncate(reported);
        }
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
