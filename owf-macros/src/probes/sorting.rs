//! Whether a sort leaves no two entries of a map or set in the order in which they came.
//!
//! It does if it compares whole entries, or their keys, of which there are no two alike. A sort by a part of them, such as
//! the count in `(name, count)`, keeps those of equal count in the order of the map.

use crate::idents::is_one_of;
use syn::{Expr, ExprClosure, ExprMethodCall, Ident, Member, Pat};

/// Methods that leave a value what it is, as far as comparing goes.
const AS_IT_IS: &[&str] =
    &["as_str", "as_ref", "as_bytes", "clone", "to_owned", "to_string", "to_vec", "cloned", "copied"];

/// `v.sort()`, and `v.sort_by(..)` by what is different for each.
pub(super) fn leaves_no_ties(sort: &ExprMethodCall) -> bool {
    let closure = sort.args.first().and_then(|argument| match argument {
        Expr::Closure(closure) => Some(closure),
        _ => None,
    });
    match (sort.method.to_string().as_str(), closure) {
        ("sort" | "sort_unstable", _) => true,
        (
            "max_by_key" | "min_by_key" | "sort_by_key" | "sort_by_cached_key" | "sort_unstable_by_key",
            Some(closure),
        ) => {
            let entries = entries(closure);
            entries.first().is_some_and(|entry| entry.is_identified_by(&closure.body))
        }
        ("max_by" | "min_by" | "sort_by" | "sort_unstable_by", Some(closure)) => {
            let entries = entries(closure);
            let [one, other] = entries.as_slice() else { return false };
            compares(&closure.body, one, other)
        }
        _ => false,
    }
}

/// `find(|(key, _)| key == id)`
pub(super) fn finds_by_key(find: &ExprMethodCall) -> bool {
    let Some(Expr::Closure(closure)) = find.args.first() else { return false };
    let Expr::Binary(binary) = &*closure.body else { return false };
    let entries = entries(closure);
    let is_one = |side: &Expr| entries.first().is_some_and(|entry| entry.is_identified_by(side));
    matches!(binary.op, syn::BinOp::Eq(_)) && (is_one(&binary.left) || is_one(&binary.right))
}

/// What a closure calls an entry.
#[derive(Default)]
pub(super) struct Entry<'a> {
    whole: Option<&'a Ident>,
    key: Option<&'a Ident>,
}

fn entries(closure: &ExprClosure) -> Vec<Entry<'_>> {
    closure.inputs.iter().map(entry).collect()
}

pub(super) fn entry(pattern: &Pat) -> Entry<'_> {
    match pattern {
        Pat::Ident(name) => Entry { whole: Some(&name.ident), key: None },
        Pat::Reference(reference) => entry(&reference.pat),
        Pat::Paren(paren) => entry(&paren.pat),
        Pat::Type(typed) => entry(&typed.pat),
        Pat::Tuple(tuple) => match tuple.elems.first() {
            Some(first) => Entry { whole: None, key: entry(first).whole },
            None => Entry::default(),
        },
        _ => Entry::default(),
    }
}

impl Entry<'_> {
    /// Whether no two entries have the same value of the expression.
    pub(super) fn is_identified_by(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => {
                let is = |name: Option<&Ident>| name.is_some_and(|name| path.path.is_ident(name));
                is(self.whole) || is(self.key)
            }
            // `entry.0` is the key.
            Expr::Field(field) => {
                let is_first = matches!(&field.member, Member::Unnamed(index) if index.index == 0);
                is_first && self.whole.is_some() && self.is_identified_by(&field.base)
            }
            Expr::Reference(reference) => self.is_identified_by(&reference.expr),
            Expr::Paren(paren) => self.is_identified_by(&paren.expr),
            Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && self.is_identified_by(&unary.expr),
            Expr::MethodCall(call) => {
                call.args.is_empty() && is_one_of(&call.method, AS_IT_IS) && self.is_identified_by(&call.receiver)
            }
            Expr::Tuple(tuple) => tuple.elems.iter().any(|part| self.is_identified_by(part)),
            // `Reverse(key)`
            Expr::Call(call) => {
                let is_reverse = matches!(&*call.func, Expr::Path(path)
                    if path.path.segments.last().is_some_and(|last| last.ident == "Reverse"));
                is_reverse && call.args.iter().all(|argument| self.is_identified_by(argument))
            }
            _ => false,
        }
    }
}

/// Whether a comparison says that two entries are equal only if they are.
fn compares(expr: &Expr, one: &Entry<'_>, other: &Entry<'_>) -> bool {
    let Expr::MethodCall(call) = expr else {
        return match expr {
            Expr::Paren(paren) => compares(&paren.expr, one, other),
            Expr::Block(block) => match block.block.stmts.as_slice() {
                [syn::Stmt::Expr(only, None)] => compares(only, one, other),
                _ => false,
            },
            _ => false,
        };
    };
    let argument = call.args.first();
    match (call.method.to_string().as_str(), argument) {
        ("cmp", Some(argument)) => {
            (one.is_identified_by(&call.receiver) && other.is_identified_by(argument))
                || (other.is_identified_by(&call.receiver) && one.is_identified_by(argument))
        }
        ("reverse", None) => compares(&call.receiver, one, other),
        ("then", Some(argument)) => compares(&call.receiver, one, other) || compares(argument, one, other),
        ("then_with", Some(Expr::Closure(then))) => {
            compares(&call.receiver, one, other) || compares(&then.body, one, other)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn whole_entries_and_their_keys_leave_no_ties() {
        let sorts: Vec<ExprMethodCall> = vec![
            parse_quote!(v.sort()),
            parse_quote!(v.sort_unstable_by_key(|k| std::cmp::Reverse(*k))),
            parse_quote!(v.sort_by_key(|(k, _)| k.clone())),
            parse_quote!(v.sort_by_key(|entry| entry.0)),
            parse_quote!(v.sort_by(|a, b| b.cmp(a))),
            parse_quote!(v.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)))),
            parse_quote!(v.sort_by(|(a, _), (b, _)| a.cmp(b))),
        ];
        sorts.iter().for_each(|sort| assert!(leaves_no_ties(sort), "{sort:?}"));
    }

    #[test]
    fn parts_of_entries_leave_ties() {
        let sorts: Vec<ExprMethodCall> = vec![
            parse_quote!(v.sort_by_key(|entry| entry.1)),
            parse_quote!(v.sort_by_key(|(_, count)| *count)),
            parse_quote!(v.sort_by_key(|name| name.len())),
            parse_quote!(v.sort_by(|a, b| a.1.cmp(&b.1))),
            parse_quote!(v.sort_by(|a, b| a.partial_cmp(b).unwrap())),
            parse_quote!(v.sort_by(compare)),
        ];
        sorts.iter().for_each(|sort| assert!(!leaves_no_ties(sort), "{sort:?}"));
    }
}
