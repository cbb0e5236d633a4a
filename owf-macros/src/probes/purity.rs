//! Whether code leaves everything around it as it was, as far as its names tell.
//!
//! A closure that is called for each entry of a hash map is fine in any order only if it has no effects. Of a variable from
//! outside the closure, only methods that are known to look are allowed.

use syn::visit::{self, Visit};
use syn::{Block, Expr, Ident, Item, Macro};

use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::idents::is_one_of;
use crate::step::captures::Bound;
use crate::step::mutation::is_assignment;

/// What may be asked of a variable without changing it.
const LOOKUPS: &[&str] = &[
    "as_str",
    "clone",
    "cmp",
    "contains",
    "contains_key",
    "ends_with",
    "eq",
    "get",
    "is_empty",
    "len",
    "starts_with",
    "to_owned",
    "to_string",
];

/// Whether evaluating the argument, or calling the closure that it is, leaves everything around it as it was.
pub(crate) fn is_pure(argument: &Expr, variables: &Bound) -> bool {
    let bound = Bound::collect(|bound| bound.visit_expr(argument));
    let mut purity = Purity { own: &bound, variables, is_pure: true };
    purity.visit_expr(argument);
    // A variable here is a closure that is called.
    purity.is_pure
        && !matches!(argument, Expr::Path(path) if path.path.get_ident().is_some_and(|name| variables.has(name)))
}

/// Whether a block changes nothing but what is `own` to it.
pub(super) fn is_pure_block(block: &Block, own: &Bound, variables: &Bound) -> bool {
    let mut purity = Purity { own, variables, is_pure: true };
    purity.visit_block(block);
    purity.is_pure
}

/// Whether evaluating the expression changes nothing but what is `own` to the code around it.
pub(super) fn is_pure_expr(expr: &Expr, own: &Bound, variables: &Bound) -> bool {
    let mut purity = Purity { own, variables, is_pure: true };
    purity.visit_expr(expr);
    purity.is_pure
}

struct Purity<'a> {
    /// The closure's own variables.
    own: &'a Bound,
    /// Those of the whole function.
    variables: &'a Bound,
    is_pure: bool,
}

impl Purity<'_> {
    fn is_own(&self, place: &Expr) -> bool {
        root(place).is_some_and(|name| self.own.has(name))
    }
}

impl<'ast> Visit<'ast> for Purity<'_> {
    fn visit_expr(&mut self, node: &'ast Expr) {
        let is_pure = match node {
            Expr::Await(_) | Expr::Async(_) | Expr::Unsafe(_) | Expr::Return(_) | Expr::Try(_) => false,
            Expr::Assign(assign) => self.is_own(&assign.left),
            Expr::Reference(reference) => reference.mutability.is_none() || self.is_own(&reference.expr),
            Expr::Binary(binary) => !is_assignment(&binary.op) || self.is_own(&binary.left),
            // A variable that is called is a closure, which may change something.
            Expr::Call(call) => root(&call.func).is_none_or(|name| !self.variables.has(name)),
            Expr::MethodCall(call) => match root(&call.receiver) {
                Some(name) if !self.own.has(name) => is_one_of(&call.method, LOOKUPS),
                _ => true,
            },
            _ => true,
        };
        self.is_pure &= is_pure;
        visit::visit_expr(self, node);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        match (macros::kind(call), reading::arguments(call)) {
            (Kind::Known(_), Some(arguments)) => arguments.exprs.iter().for_each(|expr| self.visit_expr(expr)),
            _ => self.is_pure = false,
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// The variable at the beginning of `variable.field[0]`.
fn root(mut place: &Expr) -> Option<&Ident> {
    loop {
        place = match place {
            Expr::Path(path) => return path.path.get_ident(),
            Expr::Field(field) => &field.base,
            Expr::Index(index) => &index.expr,
            Expr::Paren(paren) => &paren.expr,
            Expr::Unary(unary) => &unary.expr,
            _ => return None,
        };
    }
}
