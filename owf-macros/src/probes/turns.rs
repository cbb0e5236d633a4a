//! Loops whose turns may come in any order: `for value in map.values_mut() { *value += 1 }`, `for n in map.values() { total += n }`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprForLoop, ExprLit, ExprMethodCall, Ident, Lit, Macro, Stmt};

use super::purity::{is_pure_block, is_pure_expr};
use super::{order, sorting};
use crate::step::captures::{Bound, Made};

/// Whether each turn of the loop changes its own value only, or adds to what is the same in any order.
pub(super) fn are_independent(node: &ExprForLoop, variables: &Bound) -> bool {
    let is_over_entries = match &*node.expr {
        Expr::MethodCall(call) => order::is_source(call),
        Expr::Reference(reference) => matches!(&*reference.expr, Expr::Path(_) | Expr::Field(_)),
        _ => false,
    };
    let is_over_place = matches!(&*node.expr, Expr::Path(_) | Expr::Field(_) | Expr::Call(_));
    if !(is_over_entries || is_over_place) || leaves(node) {
        return false;
    }
    let own = Bound::collect(|bound| {
        bound.visit_pat(&node.pat);
        bound.visit_block(&node.body);
    });
    (is_over_entries && is_pure_block(&node.body, &own, variables))
        || Turn { node, own: &own, variables, ways: RefCell::default() }.adds_up(&node.body)
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

/// A turn of a loop that adds to integers, sets and maps around it, and looks at none of them.
struct Turn<'a> {
    node: &'a ExprForLoop,
    /// The variables of the turn.
    own: &'a Bound,
    /// Those of the whole function.
    variables: &'a Bound,
    /// How each variable is added to. In two ways, the order would matter.
    ways: RefCell<BTreeMap<String, Way>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sum,
    Max,
    Min,
    And,
    Or,
    Xor,
}

impl Turn<'_> {
    fn is_only_way(&self, variable: &Expr, way: Way) -> bool {
        self.name(variable).is_some_and(|name| *self.ways.borrow_mut().entry(name.to_string()).or_insert(way) == way)
    }

    fn adds_up(&self, block: &Block) -> bool {
        block.stmts.iter().all(|stmt| match stmt {
            Stmt::Local(local) => {
                local.init.as_ref().is_none_or(|init| init.diverge.is_none() && self.only_looks(&init.expr))
            }
            Stmt::Expr(expr, _) => self.is_addition(expr),
            Stmt::Item(_) => true,
            Stmt::Macro(_) => false,
        })
    }

    fn is_addition(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Binary(binary) if let Some(way) = way_of(&binary.op) => {
                // Of what has `|=` and its like, all come to the same in any order.
                if let Some(map) = self.entry_of_integers(&binary.left) {
                    return self.is_only_way(map, way) && self.only_looks(&binary.right);
                }
                let is_of_order = way == Way::Sum && !self.is(&binary.left, Made::Integer);
                !is_of_order && self.is_only_way(&binary.left, way) && self.only_looks(&binary.right)
            }
            // `best = best.max(n)`
            Expr::Assign(assign) => {
                let Expr::MethodCall(call) = &*assign.right else { return self.only_looks(expr) };
                let way = match call.method.to_string().as_str() {
                    "max" => Way::Max,
                    "min" => Way::Min,
                    _ => return self.only_looks(expr),
                };
                self.is_only_way(&assign.left, way)
                    && self.is(&assign.left, Made::Integer)
                    && self.name(&call.receiver).is_some_and(|name| self.name(&assign.left) == Some(name))
                    && call.args.iter().all(|argument| self.only_looks(argument))
            }
            Expr::MethodCall(call) if call.method == "insert" => self.is_insertion(call),
            Expr::If(node) => {
                self.only_looks(&node.cond)
                    && self.adds_up(&node.then_branch)
                    && node.else_branch.as_ref().is_none_or(|(_, otherwise)| self.is_addition(otherwise))
            }
            Expr::Match(node) => self.only_looks(&node.expr) && node.arms.iter().all(|arm| self.is_addition(&arm.body)),
            Expr::Block(node) if node.label.is_none() => self.adds_up(&node.block),
            Expr::Continue(node) => node.label.is_none(),
            other => self.only_looks(other),
        }
    }

    /// The map in `*totals.entry(name).or_insert(0)`.
    fn entry_of_integers<'e>(&self, place: &'e Expr) -> Option<&'e Expr> {
        let Expr::Unary(place) = place else { return None };
        let Expr::MethodCall(call) = &*place.expr else { return None };
        let is_integer = matches!(call.args.first(), Some(Expr::Lit(ExprLit { lit: Lit::Int(_), .. })));
        self.entry(call).filter(|_| call.method == "or_insert" && is_integer)
    }

    /// The map in `map.entry(key).or_default()`.
    fn entry<'e>(&self, call: &'e ExprMethodCall) -> Option<&'e Expr> {
        let Expr::MethodCall(entry) = &*call.receiver else { return None };
        let is_entry = entry.method == "entry" && self.is(&entry.receiver, Made::Map);
        (is_entry && entry.args.iter().all(|key| self.only_looks(key))).then_some(&*entry.receiver)
    }

    /// Into a set, or into a map under the key of this turn, of which there is one.
    fn is_insertion(&self, call: &ExprMethodCall) -> bool {
        // A set in a map: nothing else is given one value only.
        if let Expr::MethodCall(within) = &*call.receiver {
            let is_set = call.args.len() == 1 && within.method == "or_default" && self.entry(within).is_some();
            return is_set && call.args.iter().all(|argument| self.only_looks(argument));
        }
        let is_free = match call.args.first() {
            Some(key) if call.args.len() == 2 => {
                self.is(&call.receiver, Made::Map) && sorting::entry(&self.node.pat).is_identified_by(key)
            }
            Some(_) => self.is(&call.receiver, Made::Set),
            None => false,
        };
        is_free && call.args.iter().all(|argument| self.only_looks(argument))
    }

    /// The variable around the loop that an expression is.
    fn name<'e>(&self, expr: &'e Expr) -> Option<&'e Ident> {
        let Expr::Path(path) = expr else { return None };
        path.path.get_ident().filter(|name| self.variables.has(name) && !self.own.has(name))
    }

    fn is(&self, expr: &Expr, made: Made) -> bool {
        self.name(expr).is_some_and(|name| self.variables.made(name) == Some(made))
    }

    /// Whether an expression changes nothing around the turn, and mentions nothing that a turn may add to.
    fn only_looks(&self, expr: &Expr) -> bool {
        struct Mentions<'a> {
            turn: &'a Turn<'a>,
            is_found: bool,
        }
        impl<'ast> Visit<'ast> for Mentions<'_> {
            fn visit_expr_path(&mut self, node: &'ast syn::ExprPath) {
                let name = node.path.get_ident().filter(|name| !self.turn.own.has(name));
                self.is_found |= name.is_some_and(|name| self.turn.variables.has_mut(name));
            }

            fn visit_macro(&mut self, _: &'ast Macro) {
                self.is_found = true;
            }
        }
        let mut mentions = Mentions { turn: self, is_found: false };
        mentions.visit_expr(expr);
        !mentions.is_found && is_pure_expr(expr, self.own, self.variables)
    }
}

/// `+=` and `-=`, which come to the same in any order, and the like.
fn way_of(op: &BinOp) -> Option<Way> {
    match op {
        BinOp::AddAssign(_) | BinOp::SubAssign(_) => Some(Way::Sum),
        BinOp::BitAndAssign(_) => Some(Way::And),
        BinOp::BitOrAssign(_) => Some(Way::Or),
        BinOp::BitXorAssign(_) => Some(Way::Xor),
        _ => None,
    }
}
