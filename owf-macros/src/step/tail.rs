//! What the value of a step body is, as far as its text says.
//!
//! A step may yield a `T` or a `Result<T, E>`. Where the text leaves it open, the type of the value decides, which
//! must then be known within the body. Where the text says it, the type may also come from outside the step, as in
//! `let user: User = step!("load", response.json().await?).await?`.

use syn::visit::{self, Visit};
use syn::{Expr, ExprBreak, ExprCall, ExprLit, ExprMethodCall, Lit, Macro, Stmt};

use super::model::Content;
use crate::body::macros;
use crate::idents::is_one_of;

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// It never gets to its end: `panic!(..)`.
    Diverges,
    /// In a `?` wherever it ends, so that the value is what is inside the `Ok`.
    Tries,
    /// In something that is no `Result`, whatever its type is.
    Plain,
    /// In a value whose type says whether it is a `Result`.
    Value,
}

impl Tail {
    pub(crate) fn of(content: &Content) -> Tail {
        match &content.tail {
            Some(tail) => of_expr(tail),
            None => of_last_stmt(&content.stmts),
        }
    }

    /// The end of a body that ends in one way or the other.
    fn or(self, other: Tail) -> Tail {
        match (self, other) {
            (Tail::Diverges, tail) | (tail, Tail::Diverges) => tail,
            (one, two) if one == two => one,
            // A value that is plain in one branch is plain in all of them.
            (Tail::Plain, _) | (_, Tail::Plain) => Tail::Plain,
            _ => Tail::Value,
        }
    }
}

fn of_stmts(stmts: &[Stmt]) -> Tail {
    match stmts.last() {
        Some(Stmt::Expr(expr, None)) => of_expr(expr),
        Some(Stmt::Macro(call)) if call.semi_token.is_none() => of_macro(&call.mac),
        _ => of_last_stmt(stmts),
    }
}

/// The value of a block without a tail: `()`, unless it can't get there.
fn of_last_stmt(stmts: &[Stmt]) -> Tail {
    let diverges = match stmts.last() {
        // `Err(e)?;` does not get there either, but its type doesn't say so.
        Some(Stmt::Expr(expr, Some(_))) => !matches!(expr, Expr::Try(_)) && of_expr(expr) == Tail::Diverges,
        Some(Stmt::Macro(call)) => of_macro(&call.mac) == Tail::Diverges,
        _ => false,
    };
    if diverges { Tail::Diverges } else { Tail::Plain }
}

fn of_expr(expr: &Expr) -> Tail {
    match expr {
        Expr::Group(group) => of_expr(&group.expr),
        Expr::Paren(paren) => of_expr(&paren.expr),
        Expr::Block(block) if block.label.is_none() => of_stmts(&block.block.stmts),
        Expr::Unsafe(block) => of_stmts(&block.block.stmts),
        Expr::If(branch) => match &branch.else_branch {
            Some((_, other)) => of_stmts(&branch.then_branch.stmts).or(of_expr(other)),
            None => Tail::Plain,
        },
        Expr::Match(choice) => choice.arms.iter().fold(Tail::Diverges, |tail, arm| tail.or(of_expr(&arm.body))),
        // `Err(e)?` has no value of which the type could be found out.
        Expr::Try(attempt) if is_call_of(&attempt.expr, "Err") => Tail::Diverges,
        Expr::Try(_) => Tail::Tries,
        Expr::Macro(call) => of_macro(&call.mac),
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Tail::Diverges,
        Expr::Loop(forever) if !has_break(&forever.body) => Tail::Diverges,
        // A `&str` has an error of its own.
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => Tail::Value,
        Expr::MethodCall(call) if is_open_method(call) => Tail::Plain,
        Expr::Call(call) if is_default(call) => Tail::Plain,
        Expr::Array(_)
        | Expr::Assign(_)
        | Expr::Binary(_)
        | Expr::Cast(_)
        | Expr::Closure(_)
        | Expr::ForLoop(_)
        | Expr::Lit(_)
        | Expr::Range(_)
        | Expr::Repeat(_)
        | Expr::Struct(_)
        | Expr::Tuple(_)
        | Expr::While(_) => Tail::Plain,
        _ => Tail::Value,
    }
}

fn of_macro(call: &Macro) -> Tail {
    match macros::name(call).as_str() {
        "panic" | "todo" | "unimplemented" | "unreachable" => Tail::Diverges,
        "format" | "vec" | "matches" | "println" | "eprintln" | "print" | "eprint" | "concat" | "assert" => Tail::Plain,
        _ => Tail::Value,
    }
}

/// Whether the type of an expression is chosen by whoever takes the value.
pub(super) fn is_open(expr: &Expr) -> bool {
    is_open_conversion(expr)
        || match expr {
            Expr::MethodCall(call) => is_open_method(call),
            Expr::Call(call) => is_default(call),
            _ => false,
        }
}

/// Methods whose type is chosen by whoever takes the value, and that hardly anybody uses to make a `Result` without
/// a `?` behind it.
fn is_open_method(call: &ExprMethodCall) -> bool {
    const OPEN: &[&str] = &["collect", "into", "sum", "product", "unwrap_or_default"];
    const CLOSING: &[&str] = &["unwrap", "expect", "unwrap_or", "unwrap_or_else", "unwrap_or_default"];
    if call.turbofish.is_some() {
        return false;
    }
    if is_one_of(&call.method, CLOSING) {
        return is_open_conversion(&call.receiver);
    }
    is_one_of(&call.method, OPEN)
}

/// `s.parse()` and the like, of which not even the error type is known before the value's type.
pub(crate) fn is_open_conversion(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => (call.method == "parse" || call.method == "try_into") && call.turbofish.is_none(),
        Expr::Call(call) => is_path_end(&call.func, "try_from"),
        Expr::Paren(paren) => is_open_conversion(&paren.expr),
        _ => false,
    }
}

/// `Default::default()`.
fn is_default(call: &ExprCall) -> bool {
    call.args.is_empty() && is_path_end(&call.func, "default")
}

fn is_call_of(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Call(call) if is_path_end(&call.func, name))
}

fn is_path_end(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

fn has_break(block: &syn::Block) -> bool {
    struct Breaks(bool);
    impl<'ast> Visit<'ast> for Breaks {
        fn visit_expr_break(&mut self, node: &'ast ExprBreak) {
            self.0 = true;
            visit::visit_expr_break(self, node);
        }
        // A macro may expand to a `break`.
        fn visit_macro(&mut self, call: &'ast Macro) {
            self.0 |= call.tokens.to_string().contains("break");
        }
    }
    let mut breaks = Breaks(false);
    breaks.visit_block(block);
    breaks.0
}

/// Calls `each` for every place where the body's value comes from, the same places that [`Tail::of`] looks at.
pub(crate) fn for_each_end(expr: &mut Expr, each: &mut impl FnMut(&mut Expr)) {
    match expr {
        Expr::Group(group) => for_each_end(&mut group.expr, each),
        Expr::Paren(paren) => for_each_end(&mut paren.expr, each),
        Expr::Block(block) if block.label.is_none() => end_of_block(&mut block.block, each),
        Expr::Unsafe(block) => end_of_block(&mut block.block, each),
        Expr::If(branch) => {
            end_of_block(&mut branch.then_branch, each);
            if let Some((_, other)) = &mut branch.else_branch {
                for_each_end(other, each);
            }
        }
        Expr::Match(choice) => {
            choice.arms.iter_mut().for_each(|arm| for_each_end(&mut arm.body, each));
        }
        other => each(other),
    }
}

fn end_of_block(block: &mut syn::Block, each: &mut impl FnMut(&mut Expr)) {
    if let Some(Stmt::Expr(expr, None)) = block.stmts.last_mut() {
        for_each_end(expr, each);
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::super::model::Body;
    use super::*;

    fn tail(body: Expr) -> Tail {
        Tail::of(&Body::Borrowing(body).into_content())
    }

    #[test]
    fn a_question_mark_at_every_end_makes_the_value_known() {
        assert_eq!(tail(parse_quote!(load().await?)), Tail::Tries);
        assert_eq!(
            tail(parse_quote!({
                let a = 1;
                if a > 0 { load()? } else { other()? }
            })),
            Tail::Tries
        );
        assert_eq!(
            tail(parse_quote!(match a {
                1 => load()?,
                _ => panic!("no"),
            })),
            Tail::Tries
        );
    }

    #[test]
    fn an_error_or_a_panic_has_no_value() {
        assert_eq!(tail(parse_quote!(panic!("boom"))), Tail::Diverges);
        assert_eq!(
            tail(parse_quote!({
                work();
                Err(MyErr)?
            })),
            Tail::Diverges
        );
        assert_eq!(
            tail(parse_quote!({
                panic!("boom");
            })),
            Tail::Diverges
        );
        assert_eq!(
            tail(parse_quote!(loop {
                work();
            })),
            Tail::Diverges
        );
    }

    #[test]
    fn a_block_without_value_is_plain() {
        assert_eq!(
            tail(parse_quote!({
                work();
            })),
            Tail::Plain
        );
        assert_eq!(tail(parse_quote!({})), Tail::Plain);
        assert_eq!(
            tail(parse_quote!(if a {
                work();
            })),
            Tail::Plain
        );
    }

    #[test]
    fn types_that_only_the_outside_knows_are_plain() {
        assert_eq!(tail(parse_quote!(items.iter().collect())), Tail::Plain);
        assert_eq!(tail(parse_quote!(text.parse().unwrap())), Tail::Plain);
        assert_eq!(tail(parse_quote!(Default::default())), Tail::Plain);
    }

    #[test]
    fn anything_else_is_decided_by_its_type() {
        assert_eq!(tail(parse_quote!(Ok(1))), Tail::Value);
        assert_eq!(tail(parse_quote!(if a { Ok(1) } else { Err(MyErr) })), Tail::Value);
        assert_eq!(tail(parse_quote!(items.iter().collect::<Result<Vec<_>, _>>())), Tail::Value);
        assert_eq!(tail(parse_quote!('a: { 1 })), Tail::Value);
    }
}
