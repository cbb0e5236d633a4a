//! Which iterations over a hash map or set don't depend on its order, as far as the code around them tells.
//!
//! Known gaps: a method of the same name whose result is told by what is expected of it (`let n: u8 = own.keys();`) is refused:
//! write the type at the method. A `BTreeMap` under another name is not recognised (say `collect::<BTreeMap<_, _>>()`), nor is a loop that
//! adds its turns up. A sum is taken for one of integers where the type says so, as floats add up to another sum in another order.

use syn::{Expr, ExprCall, ExprClosure, ExprMethodCall, GenericArgument, Ident, Local, Pat, PathArguments, Stmt, Type};

use super::purity::is_pure;
use super::{sorting, turns};
use crate::idents::is_one_of;
use crate::step::captures::{Bound, Made};

/// Methods of maps and sets that return an iterator, and how many arguments they take.
const SOURCES: &[(&str, usize)] = &[
    ("difference", 1),
    ("drain", 0),
    ("extract_if", 1),
    ("intersection", 1),
    ("into_iter", 0),
    ("into_keys", 0),
    ("into_values", 0),
    ("iter", 0),
    ("iter_mut", 0),
    ("keys", 0),
    ("symmetric_difference", 1),
    ("union", 1),
    ("values", 0),
    ("values_mut", 0),
];

/// Adapters that treat each element by itself.
const ADAPTERS: &[&str] = &["chain", "cloned", "copied", "filter", "filter_map", "flat_map", "flatten", "map"];

/// Other methods that return an iterator, which is not that of a hash map unless its receiver is.
const ITERATORS: &[&str] = &[
    "bytes",
    "by_ref",
    "char_indices",
    "chars",
    "chunks",
    "enumerate",
    "lines",
    "peekable",
    "rev",
    "skip",
    "skip_while",
    "split",
    "split_whitespace",
    "step_by",
    "take",
    "take_while",
    "windows",
    "zip",
];

/// Adapters that leave the keys of a map's entries as they are. Of two maps in a `chain` the later one wins in any order.
const KEEP_KEYS: &[&str] = &["chain", "cloned", "copied", "filter"];

/// What is asked of all elements, in whatever order. (`sorted` is itertools'.)
const ORDER_FREE: &[&str] = &["all", "any", "count", "for_each", "len", "max", "min", "sorted", "sorted_unstable"];

/// What else may end a chain whose order is of no consequence, which depends on the type.
const ORDER_FREE_AS: &[&str] = &["collect", "product", "sum"];

/// What takes one element, the first of those that are alike.
const TAKE_ONE: &[&str] = &["find", "max_by", "max_by_key", "min_by", "min_by_key"];

const INTEGERS: &[&str] = &["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

const SETS: &[&str] = &["BTreeSet", "HashSet"];
const MAPS: &[&str] = &["BTreeMap", "HashMap"];

/// Whether the call's result may be an iterator over a hash map or set.
pub(crate) fn is_source(call: &ExprMethodCall) -> bool {
    is_source_name(&call.method.to_string(), call.args.len())
}

/// As [`is_source`], of a function's name.
pub(crate) fn is_source_name(function: &str, arguments: usize) -> bool {
    SOURCES.contains(&(function, arguments))
}

/// Whether the call's result is an iterator that needs no question of its own.
pub(crate) fn is_iterator(call: &ExprMethodCall) -> bool {
    is_source(call) || is_one_of(&call.method, ADAPTERS) || is_one_of(&call.method, ITERATORS)
}

/// Whether the call takes one element of those that are alike to it, so that the order decides.
pub(crate) fn takes_one_of_several(call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    match name.as_str() {
        "find_map" | "position" => true,
        "find" => !sorting::finds_by_key(call),
        name => TAKE_ONE.contains(&name) && !sorting::leaves_no_ties(call),
    }
}

/// Whether the expression goes through an iterator and depends on the elements only, wherever it stands.
pub(crate) fn is_order_free(expr: &Expr, variables: &Bound) -> bool {
    is_order_free_as(expr, None, variables)
}

/// As [`is_order_free`], where the expression is to be of the type `expected`.
pub(crate) fn is_order_free_as(expr: &Expr, expected: Option<&Type>, variables: &Bound) -> bool {
    match expr {
        Expr::MethodCall(call) if call.method == "extend" => is_filling(call, variables),
        Expr::MethodCall(call) => Chain::of(call, variables).is_some_and(|chain| chain.is_order_free(expected)),
        Expr::Call(call) => is_ordering_call(call, variables),
        Expr::ForLoop(node) => turns::are_independent(node, variables),
        _ => false,
    }
}

/// As [`is_order_free_as`], of a chain that begins with what some function returned.
pub(crate) fn is_order_free_of_any(expr: &Expr, expected: Option<&Type>, variables: &Bound) -> bool {
    let Expr::MethodCall(terminal) = expr else { return false };
    let is_pure = |call: &ExprMethodCall| call.args.iter().all(|argument| is_pure(argument, variables));
    let mut link = &*terminal.receiver;
    while let Expr::MethodCall(inner) = link
        && is_one_of(&inner.method, ADAPTERS)
        && is_pure(inner)
    {
        link = &inner.receiver;
    }
    let is_root = !matches!(link, Expr::MethodCall(inner) if is_iterator(inner));
    is_root && is_pure(terminal) && Chain { terminal, keeps_keys: false }.is_order_free(expected)
}

/// Whether the statement goes through an iterator for what has no order, which its type tells or the next statement.
pub(crate) fn is_order_free_stmt(stmts: &[Stmt], at: usize, variables: &Bound) -> bool {
    match stmts.get(at) {
        Some(Stmt::Local(local)) => is_order_free_let(local, stmts.get(at + 1), variables),
        // `map.drain();`
        Some(Stmt::Expr(Expr::MethodCall(call), Some(_))) => is_source(call),
        _ => false,
    }
}

/// Whether the `let` binds what does not depend on the order, by its type or because `next` sorts it.
fn is_order_free_let(local: &Local, next: Option<&Stmt>, variables: &Bound) -> bool {
    let Some(init) = &local.init else { return false };
    let Expr::MethodCall(call) = &*init.expr else { return false };
    let (pattern, annotated) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        pattern => (pattern, None),
    };
    let Some(chain) = Chain::of(call, variables) else { return false };
    chain.is_order_free(annotated) || (chain.is_vec(annotated) && next.is_some_and(|next| sorts(next, pattern)))
}

/// `set.extend(map.keys())`, of a variable whose `let` says that it is one.
fn is_filling(call: &ExprMethodCall, variables: &Bound) -> bool {
    let (Expr::Path(filled), Some(Expr::MethodCall(argument))) = (&*call.receiver, call.args.first()) else {
        return false;
    };
    let made = filled.path.get_ident().and_then(|name| variables.made(name));
    let Some(chain) = Chain::of_iterator(argument, variables) else { return false };
    match made {
        Some(Made::Set) => true,
        Some(Made::Map) => chain.keeps_keys,
        _ => false,
    }
}

/// `BTreeMap::from_iter(map.into_iter())`.
fn is_ordering_call(call: &ExprCall, variables: &Bound) -> bool {
    let (Some(owner), Some(Expr::MethodCall(argument))) = (from_iter_owner(call), call.args.first()) else {
        return false;
    };
    let name = owner.to_string();
    match Chain::of_iterator(argument, variables) {
        Some(chain) => SETS.contains(&name.as_str()) || (MAPS.contains(&name.as_str()) && chain.keeps_keys),
        None => false,
    }
}

/// `Vec` in `Vec::from_iter(map)`, unless order does not matter to it.
pub(crate) fn is_from_iter_in_order(call: &ExprCall) -> bool {
    from_iter_owner(call).is_some_and(|owner| {
        let name = owner.to_string();
        !SETS.contains(&name.as_str()) && !MAPS.contains(&name.as_str())
    })
}

fn from_iter_owner(call: &ExprCall) -> Option<&Ident> {
    let Expr::Path(function) = &*call.func else { return None };
    let mut segments = function.path.segments.iter().rev();
    let is_from_iter = segments.next().is_some_and(|last| last.ident == "from_iter") && call.args.len() == 1;
    let owner = segments.next()?;
    is_from_iter.then_some(&owner.ident)
}

/// `v.sort();` for the variable that `pattern` binds.
fn sorts(stmt: &Stmt, pattern: &Pat) -> bool {
    let (Stmt::Expr(Expr::MethodCall(call), Some(_)), Pat::Ident(variable)) = (stmt, pattern) else { return false };
    let Expr::Path(receiver) = &*call.receiver else { return false };
    receiver.path.is_ident(&variable.ident) && sorting::leaves_no_ties(call)
}

/// `source.adapter(..)..terminal(..)`.
struct Chain<'a> {
    terminal: &'a ExprMethodCall,
    /// Whether each entry of a map still has its key.
    keeps_keys: bool,
}

impl<'a> Chain<'a> {
    fn of(terminal: &'a ExprMethodCall, variables: &Bound) -> Option<Self> {
        let Expr::MethodCall(inner) = &*terminal.receiver else { return None };
        // A name costs less than all that comes before.
        if ![ORDER_FREE, ORDER_FREE_AS, TAKE_ONE].iter().any(|names| is_one_of(&terminal.method, names)) {
            return None;
        }
        let chain = Chain::of_iterator(inner, variables)?;
        let is_pure = terminal.args.iter().all(|argument| is_pure(argument, variables));
        is_pure.then_some(Chain { terminal, ..chain })
    }

    /// What comes before the terminal, if it treats each element by itself.
    fn of_iterator(last: &'a ExprMethodCall, variables: &Bound) -> Option<Self> {
        let (mut link, mut keeps_keys) = (last, true);
        while !is_source(link) {
            let name = link.method.to_string();
            // A variable that is handed to `chain` is none that is called.
            let is_harmless =
                |argument| (name == "chain" && matches!(argument, &Expr::Path(_))) || is_pure(argument, variables);
            if !ADAPTERS.contains(&name.as_str()) || !link.args.iter().all(is_harmless) {
                return None;
            }
            keeps_keys &=
                KEEP_KEYS.contains(&name.as_str()) || (name == "map" && link.args.iter().all(maps_keys_as_they_are));
            let Expr::MethodCall(inner) = &*link.receiver else { return None };
            link = inner;
        }
        Some(Chain { terminal: last, keeps_keys })
    }

    fn is_order_free(&self, annotated: Option<&Type>) -> bool {
        let name = self.terminal.method.to_string();
        let target = || self.target(annotated).unwrap_or_default();
        match name.as_str() {
            "sum" | "product" => INTEGERS.contains(&target().as_str()),
            "collect" => SETS.contains(&target().as_str()) || (self.keeps_keys && MAPS.contains(&target().as_str())),
            name => ORDER_FREE.contains(&name) || (TAKE_ONE.contains(&name) && !takes_one_of_several(self.terminal)),
        }
    }

    fn is_vec(&self, annotated: Option<&Type>) -> bool {
        self.terminal.method == "collect" && self.target(annotated).is_some_and(|name| name == "Vec")
    }

    /// The name of the type that is collected into, from the turbofish or the annotation.
    fn target(&self, annotated: Option<&Type>) -> Option<String> {
        let turbofish = self.terminal.turbofish.as_ref().and_then(|list| match list.args.first() {
            Some(GenericArgument::Type(ty)) => Some(ty),
            _ => None,
        });
        match turbofish.or(annotated)? {
            Type::Path(path) => {
                let last = path.path.segments.last()?;
                let is_plain = !matches!(last.arguments, PathArguments::Parenthesized(_));
                is_plain.then(|| last.ident.to_string())
            }
            _ => None,
        }
    }
}

/// `|(key, value)| (key.clone(), *value)`.
fn maps_keys_as_they_are(closure: &Expr) -> bool {
    let Expr::Closure(ExprClosure { inputs, body, .. }) = closure else { return false };
    let mut pattern = inputs.first();
    while let Some(Pat::Reference(reference)) = pattern {
        pattern = Some(&reference.pat);
    }
    let Some(Pat::Tuple(entry)) = pattern else { return false };
    let (Some(Pat::Ident(key)), Expr::Tuple(mapped)) = (entry.elems.first(), &**body) else { return false };
    mapped.elems.first().is_some_and(|first| is_copy_of(first, &key.ident))
}

fn is_copy_of(expr: &Expr, name: &Ident) -> bool {
    match expr {
        Expr::Path(path) => path.path.is_ident(name),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_copy_of(&unary.expr, name),
        Expr::MethodCall(call) => {
            (call.method == "clone" || call.method == "to_owned") && is_copy_of(&call.receiver, name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use syn::visit::Visit as _;
    use syn::{Block, parse_quote};

    use super::*;

    fn variables() -> Bound {
        let block: Block = parse_quote!({
            let (m, known, mut seen, mut add) = ();
            let (mut names, mut sorted) = (BTreeSet::new(), BTreeMap::new());
        });
        Bound::collect(|bound| bound.visit_block(&block))
    }

    #[track_caller]
    fn assert_free(is_free: bool, exprs: &[&str]) {
        for text in exprs {
            let expr: Expr = syn::parse_str(text).expect("an expression");
            assert_eq!(is_order_free(&expr, &variables()), is_free, "{text}");
        }
    }

    fn is_free_let(block: Block) -> bool {
        let [Stmt::Local(local), rest @ ..] = block.stmts.as_slice() else { unreachable!("a `let` comes first") };
        is_order_free_let(local, rest.first(), &variables())
    }

    #[test]
    fn what_is_asked_of_all_elements_has_no_order() {
        assert_free(
            true,
            &[
                "m.values().count()",
                "m.values_mut().for_each(|v| *v += 1)",
                "m.iter().all(|(k, v)| known.contains(k) && *v > 1)",
                "m.keys().copied().max()",
                "m.values().map(|v| v.cents).sum::<u64>()",
                "m.into_iter().collect::<BTreeMap<_, _>>()",
                "m.into_iter().chain(known).collect::<BTreeMap<_, _>>()",
                "m.iter().map(|(k, v)| (k.clone(), *v)).collect::<std::collections::BTreeMap<String, u32>>()",
                "a.difference(&b).cloned().collect::<BTreeSet<_>>()",
                "BTreeMap::from_iter(m.into_iter())",
                "names.extend(m.keys().map(|k| k.len()))",
                "sorted.extend(m.iter().map(|(k, v)| (*k, *v)))",
                "m.iter().find(|(k, _)| k.as_str() == known)",
                "m.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| a.0.cmp(b.0)))",
            ],
        );
        assert_free(
            false,
            &[
                "m.keys().next()",
                "m.keys().for_each(|k| seen.push(k))",
                "m.keys().take(3).count()",
                "m.values().sum::<f64>()",
                "m.values().max_by_key(|v| v.cents)",
                "m.iter().find(|(_, v)| **v > 3)",
                "m.iter().collect::<Vec<_>>()",
                "Vec::from_iter(m.into_iter())",
                "m.into_iter().map(|(k, v)| (v, k)).collect::<BTreeMap<_, _>>()",
            ],
        );
    }

    #[test]
    fn effects_have_an_order() {
        assert_free(
            false,
            &[
                "m.iter().map(|(k, v)| { seen.push(k); v }).count()",
                "m.keys().map(|k| step!(k, f(k))).count()",
                "m.keys().all(|k| { last = k; true })",
                "m.keys().any(|k| queue.next() == k)",
                "m.keys().map(|k| log(&mut text, k)).count()",
                "m.keys().map(|k| add(k)).count()",
                "seen.extend(m.keys())",
                "sorted.extend(m.iter().map(|(k, v)| (*v, *k)))",
            ],
        );
    }

    #[test]
    fn a_let_tells_by_its_type_or_by_the_statement_after_it() {
        assert!(is_free_let(parse_quote!({
            let total: u32 = m.values().sum();
        })));
        assert!(is_free_let(parse_quote!({
            let sorted: BTreeMap<u32, u32> = m.into_iter().collect();
        })));
        assert!(is_free_let(parse_quote!({
            let mut v: Vec<_> = m.into_iter().collect();
            v.sort_unstable();
        })));
        assert!(is_free_let(parse_quote!({
            let mut v = m.keys().collect::<Vec<_>>();
            v.sort();
        })));
        assert!(!is_free_let(parse_quote!({
            let mut v: Vec<_> = m.into_iter().collect();
            w.sort();
        })));
        assert!(!is_free_let(parse_quote!({
            let mut v: Vec<_> = m.into_iter().collect();
            v.sort_by_key(|p| p.1);
        })));
        assert!(!is_free_let(parse_quote!({
            let total: f32 = m.values().sum();
        })));
    }
}
