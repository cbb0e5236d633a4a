//! What the body of a step is made as.
//!
//! Any body can be made as an `async` block. Most need less, and each such block costs the compiler as much as the rest of a step.

use syn::visit::{self, Visit};
use syn::{Expr, ExprMacro, Item, Macro, UnOp};

use super::callees::{Callee, Names};
use super::captures::Bound;
use super::model::Content;
use crate::body::macros::{self, Kind};
use crate::body::reading;

/// What a body is made as.
pub(super) enum Shape {
    /// `|| async { .. }`
    Async,
    /// `|| { .. }`, as it waits for nothing.
    Sync,
    /// `|| charge(&order)`, as it is `charge(&order).await?`.
    Future { call: Box<Expr>, callee: Callee },
}

impl Shape {
    pub(super) fn of(content: &Content, names: Names<'_>) -> Shape {
        let Content { stmts, tail, .. } = content;
        if let (true, Some(Expr::Try(attempt)), Some(variables)) = (stmts.is_empty(), tail, names.variables)
            && let (Expr::Await(awaited), true) = (&*attempt.expr, attempt.attrs.is_empty())
            && let (Expr::Call(call), true) = (&*awaited.base, awaited.attrs.is_empty())
        {
            let callee = names.called(&awaited.base);
            let is_fallible = matches!(callee, Callee::Fallible | Callee::StdError);
            if is_fallible && call.args.iter().all(|argument| borrows_variables_only(argument, variables)) {
                return Shape::Future { call: awaited.base.clone(), callee };
            }
        }
        let mut waits = Waits(false);
        stmts.iter().for_each(|stmt| waits.visit_stmt(stmt));
        tail.iter().for_each(|tail| waits.visit_expr(tail));
        if waits.0 { Shape::Async } else { Shape::Sync }
    }
}

/// Whether a body may wait for something.
struct Waits(bool);

impl<'ast> Visit<'ast> for Waits {
    fn visit_expr(&mut self, node: &'ast Expr) {
        self.0 |= matches!(node, Expr::Await(_) | Expr::Async(_) | Expr::Verbatim(_));
        visit::visit_expr(self, node);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        match macros::kind(call) {
            Kind::Known(_) | Kind::Conditional => self.0 |= macros::find_await(&call.tokens).is_some(),
            // What it expands to may wait.
            Kind::Step | Kind::Join | Kind::Race | Kind::Opaque => self.0 = true,
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Whether what an argument borrows is there for as long as the workflow's variables are.
fn borrows_variables_only(argument: &Expr, variables: &Bound) -> bool {
    let fits = |argument: &Expr| borrows_variables_only(argument, variables);
    match argument {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(_) | Expr::Index(_) => is_place(argument, variables),
        Expr::Reference(borrow) => {
            borrow.mutability.is_none() && (matches!(&*borrow.expr, Expr::Lit(_)) || is_place(&borrow.expr, variables))
        }
        Expr::MethodCall(call) => is_place(&call.receiver, variables) && call.args.iter().all(fits),
        Expr::Call(call) => matches!(&*call.func, Expr::Path(_)) && call.args.iter().all(fits),
        Expr::Unary(unary) => match unary.op {
            UnOp::Deref(_) => is_place(argument, variables),
            _ => borrows_variables_only(&unary.expr, variables),
        },
        Expr::Binary(binary) => fits(&binary.left) && fits(&binary.right),
        Expr::Cast(cast) => borrows_variables_only(&cast.expr, variables),
        Expr::Paren(paren) => borrows_variables_only(&paren.expr, variables),
        Expr::Tuple(tuple) => tuple.elems.iter().all(fits),
        Expr::Array(array) => array.elems.iter().all(fits),
        Expr::Struct(made) => made.rest.is_none() && made.fields.iter().all(|field| fits(&field.expr)),
        // Its text owns what it shows.
        Expr::Macro(ExprMacro { mac, .. }) if macros::name(mac) == "format" => {
            reading::arguments(mac).is_some_and(|arguments| arguments.exprs.iter().all(fits))
        }
        _ => false,
    }
}

/// A variable of the workflow, or a part of one.
fn is_place(expr: &Expr, variables: &Bound) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| name == "self" || variables.has(name)),
        Expr::Field(field) => is_place(&field.base, variables),
        Expr::Index(index) => is_place(&index.expr, variables) && borrows_variables_only(&index.index, variables),
        Expr::Paren(paren) => is_place(&paren.expr, variables),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr, variables),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::super::model::Body;
    use super::*;

    fn is_sync(body: Expr) -> bool {
        let names = Names { scope: None, variables: None };
        matches!(Shape::of(&Body::Borrowing(body).into_content(), names), Shape::Sync)
    }

    #[test]
    fn what_awaits_nothing_is_no_async_block() {
        assert!(is_sync(parse_quote!(total(&order)?)));
        assert!(is_sync(parse_quote!({
            tracing::info!("adding");
            Ok(format!("{}", order.total))
        })));
    }

    #[test]
    fn what_may_await_is_an_async_block() {
        assert!(!is_sync(parse_quote!(charge(&order).await?)));
        assert!(!is_sync(parse_quote!(format!("{}", charge(&order).await?))));
        assert!(!is_sync(parse_quote!(own_macro!(order))));
        assert!(!is_sync(parse_quote!(block_on(async { 1 }))));
    }

    #[test]
    fn an_argument_may_borrow_what_outlives_the_closure() {
        let variables = Bound::collect(|bound| bound.visit_pat(&parse_quote!((order, at))));
        let fits = |argument: Expr| borrows_variables_only(&argument, &variables);
        assert!(fits(parse_quote!(&order.items[at].sku)));
        assert!(fits(parse_quote!(order.id.to_string())));
        assert!(fits(parse_quote!(Some((&order, format!("{at}"), -1)))));
        assert!(!fits(parse_quote!(&order.id.to_string())));
        assert!(!fits(parse_quote!(order.name.clone().as_str())));
        assert!(!fits(parse_quote!(&CONFIG)));
        assert!(!fits(parse_quote!(&mut order)));
        assert!(!fits(parse_quote!(parse(&order)?)));
    }
}
