//! What a step changes through a captured `Mutex`, `Cell` or atomic.
//!
//! A replay skips the step's body, and the change is lost to whoever looks at it afterwards: the workflow, or another step.
//! rustc can't refuse it, as these change through a shared reference. Which variables are meant is a question of names
//! (this file), whether they are of such a type one of types (the runtime's `Shared`).
//!
//! A step may well lock what is not the workflow's own: a pool, a client. So a variable counts only if the workflow uses
//! its state outside of the step; or if the workflow made it, and uses it in any way outside of the one step.
//!
//! Known gaps: a variable that is cloned inside the step, and one that a function changes to which it is lent. A step that
//! locks a `Mutex` of the workflow and only reads is refused: read before the step.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Ident, Item, Local, Macro, Pat};

use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::idents::is_one_of;
use crate::step::captures::Bound;
use crate::step::model::Step;
use crate::step::read_step;

/// Methods that change, or lend out to be changed, through a shared reference.
const CHANGES: &[&str] = &[
    "borrow_mut",
    "compare_exchange",
    "compare_exchange_weak",
    "fetch_add",
    "fetch_and",
    "fetch_max",
    "fetch_min",
    "fetch_nand",
    "fetch_or",
    "fetch_sub",
    "fetch_update",
    "fetch_xor",
    "get_or_init",
    "lock",
    "replace",
    "replace_with",
    "set",
    "store",
    "swap",
    "take",
    "try_borrow_mut",
    "try_lock",
    "try_write",
    "update",
    "write",
];

/// Methods that read what the others change.
const READS: &[&str] = &["borrow", "get", "into_inner", "load", "read", "try_borrow", "try_read"];

/// Types that change through a shared reference, and end in these words or begin with `Atomic`.
const SHARED: &[&str] = &["Cell", "Mutex", "OnceCell", "OnceLock", "RefCell", "RwLock"];

/// How a function uses its variables.
#[derive(Default)]
pub(crate) struct Uses {
    /// What a clone or a reference was made of.
    aliases: BTreeMap<String, String>,
    by_variable: BTreeMap<String, Use>,
}

#[derive(Default)]
struct Use {
    /// Made in this function, so that it begins anew with every replay.
    is_fresh: bool,
    is_used_outside: bool,
    is_state_used_outside: bool,
    steps: usize,
}

/// Whether a step may change something through a shared reference.
pub(crate) fn may_change(step: &Step) -> bool {
    !Changes::of(step).found.is_empty()
}

/// The receivers within `step` that are in question.
pub(crate) fn suspects(step: &Step, variables: &Bound, uses: &Uses) -> Vec<Expr> {
    let mut changes = Changes::of(step);
    changes.found.retain(|(name, _)| variables.has(name));
    if changes.found.is_empty() {
        return Vec::new();
    }
    let within = Bound::collect(|bound| step.body.visit(bound));
    changes.found.retain(|(name, _)| !within.has(name) && uses.is_lost(&name.to_string()));
    changes.found.into_iter().map(|(_, place)| place).collect()
}

impl Uses {
    pub(crate) fn of(block: &Block) -> Self {
        let mut uses = Uses::default();
        uses.visit_block(block);
        uses
    }

    /// Whether somebody looks at what a step changes.
    fn is_lost(&self, name: &str) -> bool {
        self.by_variable.get(self.origin(name)).is_some_and(|used| {
            used.is_state_used_outside || (used.is_fresh && (used.is_used_outside || used.steps > 1))
        })
    }

    fn origin<'a>(&'a self, name: &'a str) -> &'a str {
        // A variable may be an alias of one of the same name, which it hides.
        let mut origin = name;
        let mut seen = BTreeSet::new();
        while let Some(next) = self.aliases.get(origin)
            && seen.insert(origin)
        {
            origin = next;
        }
        origin
    }

    fn used(&mut self, name: &Ident) -> &mut Use {
        let name = self.origin(&name.to_string()).to_owned();
        self.by_variable.entry(name).or_default()
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_local(&mut self, node: &'ast Local) {
        if let (Some(name), Some(init)) = (variable(&node.pat), &node.init) {
            if let Some(original) = cloned(&init.expr) {
                if original != name {
                    self.aliases.insert(name.to_string(), original.to_string());
                }
                return;
            }
            self.used(name).is_fresh |= makes_shared(&init.expr);
        }
        visit::visit_local(self, node);
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        match node {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    self.used(name).is_used_outside = true;
                }
            }
            Expr::MethodCall(call) => {
                if is_state_method(call)
                    && let Some(name) = variable_of(&call.receiver)
                {
                    self.used(name).is_state_used_outside = true;
                }
            }
            _ => {}
        }
        visit::visit_expr(self, node);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if macros::kind(call) == Kind::Step {
            let Some(step) = read_step(call) else { return };
            let mut mentions = Mentions::default();
            step.body.visit(&mut mentions);
            for name in mentions.0 {
                self.used(&name).steps += 1;
            }
            return;
        }
        if let Some(arguments) = reading::arguments(call) {
            arguments.exprs.iter().for_each(|expr| self.visit_expr(expr));
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// The variables that a step's body names, each once.
#[derive(Default)]
struct Mentions(BTreeSet<Ident>);

impl<'ast> Visit<'ast> for Mentions {
    fn visit_expr_path(&mut self, node: &'ast syn::ExprPath) {
        self.0.extend(node.path.get_ident().cloned());
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(arguments) = reading::arguments(call) {
            arguments.exprs.iter().for_each(|expr| self.visit_expr(expr));
        }
    }
}

/// The variables that are changed, each with the place that is.
struct Changes {
    found: Vec<(Ident, Expr)>,
}

impl Changes {
    fn of(step: &Step) -> Self {
        let mut changes = Changes { found: Vec::new() };
        step.body.visit(&mut changes);
        changes
    }
}

impl<'ast> Visit<'ast> for Changes {
    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        if is_one_of(&node.method, CHANGES)
            && let Some(name) = variable_of(&node.receiver)
        {
            self.found.push((name.clone(), (*node.receiver).clone()));
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let (Kind::Known(_), Some(arguments)) = (macros::kind(call), reading::arguments(call)) {
            arguments.exprs.iter().for_each(|expr| self.visit_expr(expr));
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

fn is_state_method(call: &ExprMethodCall) -> bool {
    is_one_of(&call.method, CHANGES) || is_one_of(&call.method, READS)
}

fn variable(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(ident) => Some(&ident.ident),
        Pat::Type(typed) => variable(&typed.pat),
        _ => None,
    }
}

/// The variable in `variable.field`.
fn variable_of(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Field(field) => variable_of(&field.base),
        Expr::Paren(paren) => variable_of(&paren.expr),
        _ => None,
    }
}

/// The variable in `variable.clone()`, `Arc::clone(&variable)` and `&variable`.
fn cloned(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::MethodCall(call) if call.method == "clone" => variable_of(&call.receiver),
        Expr::Call(call) => match (&*call.func, call.args.first()) {
            (Expr::Path(function), Some(Expr::Reference(argument))) => {
                let is_clone = function.path.segments.last().is_some_and(|last| last.ident == "clone");
                is_clone.then(|| variable_of(&argument.expr)).flatten()
            }
            _ => None,
        },
        Expr::Reference(reference) => variable_of(&reference.expr),
        _ => None,
    }
}

/// Whether the expression names a type that changes through a shared reference, as in `Arc::new(Mutex::new(0))`.
fn makes_shared(expr: &Expr) -> bool {
    struct Types(bool);
    impl<'ast> Visit<'ast> for Types {
        fn visit_path_segment(&mut self, node: &'ast syn::PathSegment) {
            let name = node.ident.to_string();
            self.0 |= name.starts_with("Atomic") || SHARED.contains(&name.as_str());
            visit::visit_path_segment(self, node);
        }
    }
    let mut types = Types(false);
    types.visit_expr(expr);
    types.0
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;
    use syn::{Stmt, parse_quote};

    use super::*;

    /// The suspects of the first step.
    fn suspects(block: Block) -> Vec<String> {
        let variables = Bound::collect(|bound| bound.visit_block(&block));
        let step = block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Macro(call) => read_step(&call.mac),
            _ => None,
        });
        let step = step.expect("a step");
        let uses = Uses::of(&block);
        let found = super::suspects(&step, &variables, &uses);
        found.iter().map(|expr| expr.to_token_stream().to_string()).collect()
    }

    #[test]
    fn state_that_the_workflow_reads_is_suspect() {
        assert_eq!(
            suspects(parse_quote!({
                let log = Arc::new(Mutex::new(Vec::new()));
                step!("add", log.lock().push(1));
                let n = log.lock().len();
            })),
            ["log"]
        );
        assert_eq!(
            suspects(parse_quote!({
                let state = state();
                step!("add", state.count.fetch_add(1));
                state.count.load()
            })),
            ["state . count"]
        );
    }

    #[test]
    fn state_that_another_step_reads_is_suspect() {
        assert_eq!(
            suspects(parse_quote!({
                let count = AtomicU32::new(0);
                step!("add", count.fetch_add(1));
                step!("get", count.load());
            })),
            ["count"]
        );
    }

    #[test]
    fn clones_are_the_state_that_they_were_made_of() {
        assert_eq!(
            suspects(parse_quote!({
                let log = Arc::new(Mutex::new(Vec::new()));
                let for_step = Arc::clone(&log);
                step!("add", async move { for_step.lock().push(1) });
                drop(log);
            })),
            ["for_step"]
        );
    }

    #[test]
    fn what_is_not_the_workflows_own_is_left_alone() {
        assert!(
            suspects(parse_quote!({
                let pool = pool();
                step!("one", pool.lock().query());
                step!("two", pool.lock().query());
                close(&pool);
            }))
            .is_empty()
        );
        assert!(
            suspects(parse_quote!({
                let scratch = Mutex::new(0);
                step!("one", work(|| scratch.lock().add()));
            }))
            .is_empty()
        );
    }
}
