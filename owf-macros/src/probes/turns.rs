//! Loops whose turns don't depend on each other, so that they may come in any order: `for value in map.values_mut() { *value += 1 }`.

use syn::visit::{self, Visit};
use syn::{Expr, ExprForLoop, Ident, Macro};

use super::order;
use super::purity::is_pure_block;
use crate::step::captures::Bound;

/// Whether each turn of the loop changes its own value only.
pub(super) fn are_independent(node: &ExprForLoop, variables: &Bound) -> bool {
    let is_over_entries = match &*node.expr {
        Expr::MethodCall(call) => order::is_source(call),
        Expr::Reference(reference) => matches!(&*reference.expr, Expr::Path(_) | Expr::Field(_)),
        _ => false,
    };
    let own = Bound::collect(|bound| {
        bound.visit_pat(&node.pat);
        bound.visit_block(&node.body);
    });
    is_over_entries && !leaves(node) && is_pure_block(&node.body, &own, variables)
}

/// Whether a turn may end the loop, which makes it matter what came before.
fn leaves(node: &ExprForLoop) -> bool {
    struct Leaves(bool);
    impl<'ast> Visit<'ast> for Leaves {
        fn visit_expr(&mut self, node: &'ast Expr) {
            self.0 |= matches!(node, Expr::Break(_) | Expr::Return(_) | Expr::Try(_) | Expr::Await(_) | Expr::Yield(_));
            visit::visit_expr(self, node);
        }

        fn visit_macro(&mut self, call: &'ast Macro) {
            self.0 |= !matches!(crate::body::macros::name(call).as_str(), "assert" | "debug_assert" | "format" | "vec");
        }

        fn visit_ident(&mut self, _: &'ast Ident) {}
    }
    let mut leaves = Leaves(false);
    leaves.visit_block(&node.body);
    leaves.0
}
