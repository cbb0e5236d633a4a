//! `owf::hash_iteration`: a hash map or set is walked.
//!
//! In a body that is rewritten the type probes find it; see [`crate::probes`]. This finds it in helpers, and where no probe
//! is put, by the types that are written in the file.

use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, Stmt, Type};

use super::Lint;
use super::names::About;
use super::paths::Target;
use super::walk::Walk;
use crate::idents::is_one_of;
use crate::probes::{self, order};
use crate::resolve::Known;
use crate::step::captures::Bound;

pub(super) const INSTEAD: &str = "use a `BTreeMap` or `BTreeSet`, or bring the entries in order first: `let sorted: BTreeMap<_, _> = map.into_iter().collect();`";

pub(super) const ABOUT: About = About {
    lint: Lint::HashIteration,
    consequence: "a replay would meet the entries in another order",
    why: "A `HashMap` has a random state, so that two maps of the same entries have different orders. Steps, IDs and values that follow the order differ in a replay.",
    bad: "for (name, count) in &counts { .. }    // a HashMap",
    good: "for (name, count) in &counts { .. }    // a BTreeMap",
    gaps: &[
        "the order behind generic code of other crates, and in helpers where the files do not tell the type",
        "`{:?}` and serde of a struct of another crate with a map in it",
        "maps of other crates, but those of `hashbrown`, `ahash`, `dashmap`, `rustc_hash`, `fxhash` and `fnv` where the file tells the type",
        "a map with a fixed hasher (`FxHashMap`) is refused as well: its order is the same only for entries that came in the same order, with the same version of the hasher's crate",
        "lookups, `len` and `contains` are no matter of order, and allowed",
    ],
    names: &[],
    methods: &[],
};

/// Collections that keep what they are given in the order in which it comes.
const IN_ORDER: &[&str] =
    &["std::collections::LinkedList", "std::collections::VecDeque", "std::string::String", "std::vec::Vec"];

const WHAT: &str = "this goes through a hash map or set in its order";
const CLAUSE: &str = "goes through a hash map or set in its order";

/// What is asked of an iterator and depends on the order, wherever it stands in a chain.
const ASK_FOR_ORDER: &[&str] =
    &["enumerate", "last", "next", "nth", "skip", "skip_while", "step_by", "take", "take_while", "zip"];

/// What puts an element behind others.
const APPEND: &[&str] = &["append", "extend", "push", "push_back", "push_str", "write_fmt", "write_str"];

impl Walk<'_> {
    /// Looks for an iteration in an expression, with all of the chain that it ends.
    ///
    /// In a helper only what depends on the order for sure is found, as nobody could say there that it does not.
    pub(super) fn hash_order(&mut self, node: &Expr, is_free: bool, is_in_chain: bool) {
        if !is_free && !is_in_chain && self.report().is_some() {
            self.of_another_crate(node);
        }
        match node {
            Expr::MethodCall(call) => {
                if !is_in_chain {
                    self.is_end_in_order = self.is_in_order(call);
                    if !is_free && self.is_end_in_order {
                        self.chain(call);
                    }
                }
                self.takes_order(call);
                self.retains(call);
            }
            Expr::Call(call) => {
                if !is_in_chain && !is_free && self.report().is_some() {
                    self.associated_source(call);
                }
                self.call_in_order(call);
            }
            _ => {}
        }
    }

    /// Maps that the type probes don't know, in a body that is probed.
    fn of_another_crate(&mut self, node: &Expr) {
        let head = match node {
            Expr::MethodCall(_) => node,
            Expr::ForLoop(turns) => &*turns.expr,
            _ => return,
        };
        // Whether the order matters costs more to tell, and there is hardly ever one.
        if !self.has_unprobed_order(node, head) || self.is_free_as(node, None) {
            return;
        }
        let (mut link, mut expected, mut is_free) = (head, self.expected.clone(), self.is_sorted);
        while let Expr::MethodCall(call) = link {
            if self.is_free_as(link, None) {
                return;
            }
            is_free |= self.is_free_of_any(link, expected.take().as_ref());
            if self.is_unprobed_source(call) || self.flattens(call) || (!is_free && self.is_own_iterator(link)) {
                return self.found(&ABOUT, &call.method, None, WHAT, INSTEAD);
            }
            link = &call.receiver;
        }
        if self.is_walked(node, head) || (!is_free && self.is_own_iterator(link)) {
            self.in_order(link);
        }
    }

    /// Whether a chain of iterators, or the loop over it, has an order that the type probes don't know.
    fn has_unprobed_order(&mut self, node: &Expr, head: &Expr) -> bool {
        let mut link = head;
        while let Expr::MethodCall(call) = link {
            let name = call.method.to_string();
            if (order::is_source_name(&name, call.args.len()) && self.is_unprobed(&call.receiver))
                || (name == "flatten" && self.flattens(call))
                || (self.scope.has_method(&name) && self.is_own_iterator(link))
            {
                return true;
            }
            link = &call.receiver;
        }
        self.is_own_iterator(link) || self.is_walked(node, head)
    }

    fn is_unprobed_source(&mut self, call: &ExprMethodCall) -> bool {
        order::is_source(call) && self.is_unprobed(&call.receiver)
    }

    /// Whether a loop goes through its head as it is, in an order that the type probes don't know.
    fn is_walked(&mut self, node: &Expr, head: &Expr) -> bool {
        matches!(node, Expr::ForLoop(_)) && (self.is_unprobed(head) || self.is_walked_in_hash_order(head))
    }

    /// A helper's iterator that a variable is to keep.
    pub(super) fn kept_iterator(&mut self, init: &Expr) {
        if matches!(init, Expr::Call(_)) && self.report().is_some() && self.is_own_iterator(init) {
            self.in_order(init);
        }
    }

    /// Whether a chain that begins with what some function returned has no order.
    fn is_free_of_any(&self, node: &Expr, expected: Option<&Type>) -> bool {
        let bound = self.variables.bound.as_ref();
        bound.is_some_and(|bound| order::is_order_free_of_any(node, expected, bound))
    }

    /// Whether a function or method of the crate returns an iterator in the order of a map.
    fn is_own_iterator(&mut self, expr: &Expr) -> bool {
        let is_own = match expr {
            Expr::Call(call) => matches!(&*call.func, Expr::Path(path)
                if matches!(self.target(path, Some(&call.args)), Target::Functions(_))),
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                self.scope.has_method(&name)
                    && self.type_of(&call.receiver).is_some_and(|known| !self.scope.methods(&known, &name).is_empty())
            }
            _ => false,
        };
        is_own && self.innermost_of(expr).is_some_and(|known| known.is_hash_iterator())
    }

    /// Whether the `IntoIterator` of a type of the crate goes through a map.
    fn is_walked_in_hash_order(&mut self, head: &Expr) -> bool {
        self.scope.may_have_method("into_iter")
            && self.type_of(head).is_some_and(|known| {
                let iterator = self.scope.associated_type(&known, "IntoIterator", "IntoIter");
                iterator.is_some_and(|iterator| iterator.is_hash_iterator())
            })
    }

    /// `list_of_maps.iter().flatten()`
    fn flattens(&mut self, call: &ExprMethodCall) -> bool {
        call.method == "flatten"
            && self.type_of_turn(&call.receiver).is_some_and(|known| self.scope.innermost(&known).is_hash_ordered())
    }

    fn is_unprobed(&mut self, whole: &Expr) -> bool {
        self.innermost_of(whole).is_some_and(|known| known.is_hashed_elsewhere())
    }

    /// Whether a chain depends on the order for sure.
    fn is_in_order(&self, end: &ExprMethodCall) -> bool {
        let mut link = end;
        loop {
            if is_one_of(&link.method, ASK_FOR_ORDER) || order::takes_one_of_several(link) {
                return true;
            }
            let Expr::MethodCall(inner) = &*link.receiver else { break };
            link = inner;
        }
        let is_target = |types: &[&str]| {
            let written = end.turbofish.as_ref().and_then(|list| match list.args.first() {
                Some(syn::GenericArgument::Type(ty)) => Some(ty),
                _ => None,
            });
            let target = written.or(self.expected.as_ref()).and_then(|ty| self.scope.known(ty, &self.generics));
            target.is_some_and(|known| known.is_one_of(types))
        };
        match end.method.to_string().as_str() {
            "collect" if !self.is_sorted => is_target(IN_ORDER),
            // Floats add up to another sum in another order.
            "sum" | "product" => is_target(&["f32", "f64"]),
            // `collect::<Vec<_>>().join(",")`
            "join" | "concat" => matches!(&*end.receiver, Expr::MethodCall(inner) if inner.method == "collect"),
            _ => false,
        }
    }

    /// `source.adapter(..)..end(..)`
    fn chain(&mut self, end: &ExprMethodCall) {
        let mut link = end;
        loop {
            let is_found = self.report().is_none()
                && ((order::is_source(link) && self.is_in_hash_order(&link.receiver)) || self.flattens(link));
            if is_found {
                self.is_helper(&ABOUT, || CLAUSE.to_owned());
                return;
            }
            match &*link.receiver {
                Expr::MethodCall(inner) => link = inner,
                root @ Expr::Call(call) => {
                    if self.is_own_iterator(root) {
                        return self.in_order(root);
                    }
                    return self.associated_source(call);
                }
                _ => return,
            }
        }
    }

    /// `HashMap::keys(&map)` and `IntoIterator::into_iter(map)`
    fn associated_source(&mut self, call: &ExprCall) {
        let Expr::Path(path) = &*call.func else { return };
        let Some(first) = call.args.first() else { return };
        let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if !order::is_source_name(&name, call.args.len().saturating_sub(1)) {
            return;
        }
        let is_of_trait = path.path.segments.iter().any(|segment| segment.ident == "IntoIterator");
        let is_of_map = match self.target(path, Some(&call.args)) {
            Target::Absolute(full) => matches!(
                full.join("::").as_str().rsplit_once("::"),
                Some(("std::collections::HashMap" | "std::collections::HashSet" | "std::iter::IntoIterator", _))
            ),
            Target::Nothing => is_of_trait,
            _ => false,
        };
        if is_of_map && self.is_in_hash_order(first) {
            self.in_order(&call.func);
        }
    }

    /// `Vec::from_iter(map)`, and serializers.
    fn call_in_order(&mut self, call: &ExprCall) {
        if self.report().is_none() && order::is_from_iter_in_order(call) {
            let is_found = call.args.iter().any(|argument| self.is_in_hash_order(argument));
            if is_found {
                return self.in_order(&call.func);
            }
        }
        if probes::serializes(call, &self.scope) {
            let types = self.types_of(&call.args);
            if types.iter().flatten().any(|known| self.shows_unprobed(known, "Serialize"))
                && !self.is_helper(&ABOUT, || "makes a text of a hash map or set".to_owned())
            {
                let what = "this text has a hash map or set in it";
                self.found(&ABOUT, &call.func, None, what, INSTEAD);
            }
        }
    }

    /// `list.extend(map)`, `iterator.zip(map)`, `iterator.chain(map)`
    fn takes_order(&mut self, call: &ExprMethodCall) {
        let Some(argument) = call.args.first() else { return };
        let name = call.method.to_string();
        let takes = match name.as_str() {
            "extend" => self.is_kept_in_order(&call.receiver),
            "zip" => !self.scope.has_method("zip"),
            "chain" => self.is_end_in_order && !self.scope.has_method("chain"),
            _ => false,
        };
        // A source is found as such.
        let is_source = matches!(argument, Expr::MethodCall(inner) if order::is_source(inner));
        if takes && (!is_source || self.report().is_none()) {
            let whole = match argument {
                Expr::MethodCall(inner) if is_source => &inner.receiver,
                other => other,
            };
            if self.is_in_hash_order(whole) {
                self.in_order(argument);
            }
        }
    }

    /// `map.retain(|key, value| ..)`, in a helper: whether its closure leaves its order in a list.
    fn retains(&mut self, call: &ExprMethodCall) {
        let Some(Expr::Closure(closure)) = call.args.first().filter(|_| call.method == "retain") else { return };
        if self.report().is_some() || !self.is_in_hash_order(&call.receiver) {
            return;
        }
        let mut turns = Turns { own: Bound::default(), lists: Vec::new(), is_found: false };
        turns.visit_expr(&closure.body);
        if turns.lists.iter().any(|list| self.is_kept_in_order(list)) {
            self.in_order(&call.receiver);
        }
    }

    /// Whether this is a list or a text, which keeps what it is given in the order in which it comes, and is not sorted.
    fn is_kept_in_order(&mut self, list: &Expr) -> bool {
        let is_sorted = matches!(list, Expr::Path(path)
            if path.path.get_ident().is_some_and(|name| self.variables.sorted.contains(&name.to_string())));
        !is_sorted && self.innermost_of(list).is_some_and(|known| known.is_one_of(IN_ORDER))
    }

    /// A loop, in a helper: whether its turns leave their order in a list or a text, or the first of them ends it with what
    /// it found.
    pub(super) fn turns(&mut self, node: &syn::ExprForLoop) {
        let head = match &*node.expr {
            Expr::MethodCall(call) if order::is_source(call) => &call.receiver,
            other => other,
        };
        if !self.is_in_hash_order(head) {
            return;
        }
        let mut turns =
            Turns { own: Bound::collect(|bound| bound.visit_pat(&node.pat)), lists: Vec::new(), is_found: false };
        turns.visit_block(&node.body);
        if turns.is_found || turns.lists.iter().any(|list| self.is_kept_in_order(list)) {
            self.in_order(&node.expr);
        }
    }

    fn in_order(&mut self, at: &Expr) {
        if !self.is_helper(&ABOUT, || CLAUSE.to_owned()) {
            self.found(&ABOUT, at, None, WHAT, INSTEAD);
        }
    }

    fn is_in_hash_order(&mut self, expr: &Expr) -> bool {
        if let Expr::Binary(binary) = expr {
            // `&one | &other` of two sets
            return matches!(&*binary.left, Expr::Reference(_)) && self.is_in_hash_order(&binary.left);
        }
        // In a body, the type probes find the iterators of the standard library.
        let is_helper = self.report().is_none();
        self.innermost_of(expr).is_some_and(|known| known.is_hash_ordered() || (is_helper && known.is_hash_iterator()))
            || self.is_own_iterator(expr)
    }

    /// Whether a text of the type has an order that no type probe asks for.
    pub(super) fn shows_unprobed(&mut self, known: &Known, derived: &str) -> bool {
        let is_probed = self.report().is_some() && is_probed(known);
        !is_probed && self.scope.shows_hash_order(known.innermost(), derived)
    }

    // Where the order is of no consequence.

    pub(super) fn is_free_as(&self, expr: &Expr, expected: Option<&Type>) -> bool {
        self.variables.bound.as_ref().is_some_and(|bound| order::is_order_free_as(expr, expected, bound))
    }

    pub(super) fn is_free_stmt(&self, stmts: &[Stmt], at: usize) -> bool {
        self.variables.bound.as_ref().is_some_and(|bound| order::is_order_free_stmt(stmts, at, bound))
    }
}

/// What the turns of a loop leave behind.
struct Turns<'ast> {
    own: Bound,
    /// What they add something to.
    lists: Vec<&'ast Expr>,
    /// Whether one of them returns what it found.
    is_found: bool,
}

impl Turns<'_> {
    fn is_own(&self, value: &Expr) -> bool {
        let mut own = Mentions { of: &self.own, is_found: false };
        own.visit_expr(value);
        own.is_found
    }
}

impl<'ast> Visit<'ast> for Turns<'ast> {
    fn visit_expr(&mut self, node: &'ast Expr) {
        match node {
            Expr::MethodCall(call) if is_one_of(&call.method, APPEND) => self.lists.push(&call.receiver),
            Expr::Binary(binary) if matches!(binary.op, syn::BinOp::AddAssign(_)) => self.lists.push(&binary.left),
            Expr::Break(node) => self.is_found |= node.expr.as_ref().is_some_and(|value| self.is_own(value)),
            Expr::Return(node) => self.is_found |= node.expr.as_ref().is_some_and(|value| self.is_own(value)),
            _ => {}
        }
        visit::visit_expr(self, node);
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether an expression mentions one of some variables.
struct Mentions<'a> {
    of: &'a Bound,
    is_found: bool,
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_expr_path(&mut self, node: &'ast syn::ExprPath) {
        self.is_found |= node.path.get_ident().is_some_and(|name| self.of.has(name));
    }
}

/// Whether the type probes know a type as one that shows a hash map or set: through `Option`s and lists, not through
/// tuples and types of the user's.
fn is_probed(known: &Known) -> bool {
    let known = known.innermost();
    let is_seen_through = known.is_one_of(&["std::option::Option", "std::result::Result", "std::vec::Vec"]);
    (known.is_hash_ordered() && !known.is_hashed_elsewhere())
        || (is_seen_through && known.argument(0).is_some_and(|inner| is_probed(&inner)))
}
