//! Changes of the workflow's variables within a step.
//!
//! They are lost when the step is replayed, because its body is skipped. rustc refuses most of them, as the body is an `Fn`
//! closure, but can't say why. What it finds out by types alone (`state.advance()`) is left to it.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprAssign, ExprBinary, ExprMethodCall, ExprReference, Ident, Item, Macro};

use super::captures::Bound;
use super::model::{Body, Step};
use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::diagnostics::{Diagnostics, Message, source};
use crate::idents::is_one_of;
use crate::lints::Lint;

/// Reports the changes within `step` of the variables in `variables`.
pub(crate) fn check_mutation(step: &Step, variables: &Bound, diagnostics: &mut Diagnostics) {
    for Changed { name, place, adding } in find_changed(step, variables) {
        let noun = step.noun();
        let text =
            format!("`{place}` is changed inside a {noun}: a replay skips the {noun}'s body, and the change is lost");
        let help = match adding {
            Some(method) => {
                let ask = if method == "push_str" { "&" } else { "" };
                format!("return what is new from the {noun}: `{place}.{method}({ask}{noun}!(..).await?);`")
            }
            None => format!("return the new value from the {noun}: `{place} = {noun}!(..).await?;`"),
        };
        diagnostics.report(&name, Message::new(text).help(help).note(Lint::LostMutation.note()));
    }
}

/// What a step changes.
struct Changed {
    name: Ident,
    /// The variable, or the field of `self`.
    place: String,
    /// The method that adds one value to it, if that is what changes it.
    adding: Option<String>,
}

/// The variables that `step` changes, where it changes them.
pub(crate) fn find_mutations(step: &Step, variables: &Bound) -> Vec<Ident> {
    find_changed(step, variables).into_iter().map(|changed| changed.name).collect()
}

fn find_changed(step: &Step, variables: &Bound) -> Vec<Changed> {
    let (body, within) = match &step.body {
        Body::Borrowing(body) => (body, Bound::collect(|bound| bound.visit_expr(body))),
        Body::Transaction(closure) => (&*closure.body, Bound::collect(|bound| bound.visit_expr_closure(closure))),
        // A body that owns its variables changes copies of them, if any.
        Body::Owning(_) | Body::Closure(_) => return Vec::new(),
    };
    let is_outer =
        |name: &Ident| (variables.has(name) && !within.has(name)) || (variables.has_mut_self() && name == "self");
    // What rustc says of the clone that a transaction gets would tell nobody why.
    let may_change =
        |name: &Ident| variables.has_mut_collection(name) || (step.is_transaction && variables.has_mut(name));
    let is_changed_by_method = |name: &Ident| variables.has(name) && !within.has(name) && may_change(name);
    let mut mutations =
        Mutations { is_outer: &is_outer, is_changed_by_method: &is_changed_by_method, found: Vec::new() };
    mutations.visit_expr(body);
    mutations.found
}

/// The variables around a step with `async move` that it assigns to, which changes its own copies.
pub(crate) fn owned_mutations(step: &Step) -> Vec<Ident> {
    let Body::Owning(body) = &step.body else { return Vec::new() };
    let within = Bound::collect(|bound| bound.visit_block(&body.block));
    let is_outer = |name: &Ident| !within.has(name);
    let mut mutations = Mutations { is_outer: &is_outer, is_changed_by_method: &|_| false, found: Vec::new() };
    mutations.visit_block(&body.block);
    mutations.found.into_iter().map(|changed| changed.name).collect()
}

/// The first use of a variable that is declared `mut`, and so might be changed by a method.
pub(crate) fn find_suspect(step: &Step, variables: &Bound) -> Option<Span> {
    let Body::Borrowing(body) = &step.body else { return None };
    let within = Bound::collect(|bound| bound.visit_expr(body));
    let mut receivers = Receivers { is_suspect: &|name| variables.has_mut(name) && !within.has(name), found: None };
    receivers.visit_expr(body);
    receivers.found
}

struct Receivers<'a> {
    is_suspect: &'a dyn Fn(&Ident) -> bool,
    found: Option<Span>,
}

impl<'ast> Visit<'ast> for Receivers<'_> {
    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        let mut receiver = &*node.receiver;
        while let Expr::Field(field) = receiver {
            receiver = &field.base;
        }
        if let Expr::Path(path) = receiver
            && let Some(name) = path.path.get_ident()
            && (self.is_suspect)(name)
        {
            self.found.get_or_insert(name.span());
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Methods of the standard collections that change what they are called on.
const CHANGES: &[&str] = &[
    "append",
    "clear",
    "drain",
    "extend",
    "dedup",
    "entry",
    "get_or_insert_with",
    "insert",
    "pop",
    "pop_back",
    "pop_front",
    "push",
    "push_back",
    "push_front",
    "push_str",
    "remove",
    "resize",
    "retain",
    "reverse",
    "sort",
    "sort_by",
    "sort_by_key",
    "sort_unstable",
    "truncate",
];

/// Those that add a value.
const ADDING: &[&str] = &["extend", "push", "push_back", "push_front", "push_str"];

struct Mutations<'a> {
    is_outer: &'a dyn Fn(&Ident) -> bool,
    is_changed_by_method: &'a dyn Fn(&Ident) -> bool,
    found: Vec<Changed>,
}

impl Mutations<'_> {
    /// `place` is written to, or borrowed to be.
    fn write(&mut self, place: &Expr) {
        match place {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident()
                    && (self.is_outer)(name)
                {
                    self.found.push(Changed { name: name.clone(), place: name.to_string(), adding: None });
                }
            }
            Expr::Field(field) => {
                let before = self.found.len();
                self.write(&field.base);
                if let Some(changed) = self.found.get_mut(before)
                    && changed.place.starts_with("self")
                {
                    changed.place = source(field);
                }
            }
            Expr::Index(index) => self.write(&index.expr),
            Expr::Paren(paren) => self.write(&paren.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.write(part)),
            // What `*x = ..` changes depends on the type of `x`.
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Mutations<'_> {
    fn visit_expr_assign(&mut self, node: &'ast ExprAssign) {
        self.write(&node.left);
        visit::visit_expr_assign(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        if is_assignment(&node.op) {
            self.write(&node.left);
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        if is_one_of(&node.method, CHANGES)
            && let Expr::Path(path) = &*node.receiver
            && let Some(name) = path.path.get_ident()
            && (self.is_changed_by_method)(name)
        {
            let adding = is_one_of(&node.method, ADDING).then(|| node.method.to_string());
            self.found.push(Changed { name: name.clone(), place: name.to_string(), adding });
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_expr_reference(&mut self, node: &'ast ExprReference) {
        if node.mutability.is_some() {
            self.write(&node.expr);
        }
        visit::visit_expr_reference(self, node);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if !matches!(macros::kind(call), Kind::Opaque | Kind::Conditional)
            && let Some(arguments) = reading::arguments(call)
        {
            // `format!("{x}", x = y)` names an argument and assigns nothing.
            let values = arguments.exprs.iter().map(|argument| match argument {
                Expr::Assign(named) => &*named.right,
                other => other,
            });
            values.for_each(|value| self.visit_expr(value));
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Whether an operator also assigns: `+=` and its like.
pub(crate) fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn mutations(body: Expr) -> Vec<String> {
        let variables = Bound::collect(|bound| {
            bound.visit_block(&parse_quote!({
                let (total, list, state) = ();
            }))
        });
        let step = Step {
            span: proc_macro2::Span::call_site(),
            is_transaction: false,
            id: parse_quote!("id"),
            options: Vec::new(),
            body: Body::Borrowing(body),
            undo: None,
        };
        find_mutations(&step, &variables).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn assignments_to_outer_variables_are_found() {
        assert_eq!(
            mutations(parse_quote!({
                total += 1;
            })),
            ["total"]
        );
        assert_eq!(
            mutations(parse_quote!({
                state.count = 1;
                list[0] = 2;
            })),
            ["state", "list"]
        );
        assert_eq!(mutations(parse_quote!(take(&mut list).len())), ["list"]);
        assert_eq!(
            mutations(parse_quote!({
                (total, list) = both();
            })),
            ["total", "list"]
        );
    }

    #[test]
    fn variables_of_the_step_may_change() {
        assert!(
            mutations(parse_quote!({
                let mut total = total;
                total += 1;
                total
            }))
            .is_empty()
        );
        assert!(
            mutations(parse_quote!({
                let mut sum = 0;
                sum += total;
            }))
            .is_empty()
        );
        assert!(
            mutations(parse_quote!({
                *total = 1;
                COUNT = 2;
            }))
            .is_empty()
        );
    }
}
