//! The variables in scope, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Ident, Macro, Pat, PatIdent, Path};

use crate::resolve::Known;
use crate::step::captures::Bound;

/// A variable of the function.
#[derive(Default)]
pub(super) struct Variable {
    /// Its type, as far as the file tells.
    pub(super) known: Option<Known>,
    /// Its value, if that is a text which stays.
    pub(super) text: Option<String>,
    /// The step that it is, until somebody mentions it.
    pub(super) unawaited: Option<Path>,
    /// Whether it is that step itself, and does not just have it in it.
    pub(super) is_operation: bool,
    /// Whether it is a closure that makes a step each time it is called.
    pub(super) makes_steps: bool,
    /// A step that was put into it.
    pub(super) held: Option<Path>,
    /// Whether somebody mentions it, other than to put something into it.
    pub(super) is_used: bool,
    /// Where a step changed its own copy of it, until somebody reads it.
    pub(super) lost: Option<Ident>,
    /// In how many loops it was declared.
    pub(super) loops: usize,
    /// Whether something was reported of its value.
    pub(super) is_reported: bool,
    /// Which variable of the function it is.
    pub(super) number: usize,
}

impl Variable {
    /// The step that it is, which is reported now.
    pub(super) fn operation(&mut self) -> Option<Path> {
        if self.is_operation { self.unawaited.take() } else { None }
    }

    /// The step that it is or has in it, if nobody can have awaited that.
    fn forgotten(self) -> Option<Path> {
        self.unawaited.or(self.held.filter(|_| !self.is_used))
    }
}

/// The scopes of variables, innermost last.
#[derive(Default)]
pub(super) struct Variables {
    scopes: Vec<BTreeMap<String, Variable>>,
    pub(super) loops: usize,
    declared: usize,
    /// All of the function, in whatever scope.
    pub(super) bound: Option<Rc<Bound>>,
    /// Those that the function sorts somewhere.
    pub(super) sorted: BTreeSet<String>,
}

impl Variables {
    pub(super) fn enter(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    /// Leaves the innermost scope, and returns the steps in it that nobody mentioned.
    pub(super) fn leave(&mut self) -> Vec<Path> {
        self.scopes.pop().into_iter().flatten().filter_map(|(_, variable)| variable.forgotten()).collect()
    }

    pub(super) fn find(&mut self, name: &str) -> Option<&mut Variable> {
        self.scopes.iter_mut().rev().find_map(|scope| scope.get_mut(name))
    }

    /// Those of the same names and types, of which nothing else is known.
    pub(super) fn seen(&self) -> Self {
        let known = |variable: &Variable| Variable { known: variable.known.clone(), ..Variable::default() };
        let copy = |(name, variable): (&String, &Variable)| (name.clone(), known(variable));
        let scopes = self.scopes.iter().map(|scope| scope.iter().map(copy).collect()).collect();
        Variables { scopes, ..Variables::default() }
    }

    /// Declares what a pattern binds, and returns the step that a name of it hides.
    pub(super) fn bind(&mut self, pat: &Pat, variable: impl Fn() -> Variable) -> Vec<Path> {
        let mut names = Names(Vec::new());
        names.visit_pat(pat);
        let hidden = names.0.into_iter().map(|name| self.insert(name, variable()));
        hidden.filter_map(|hidden| hidden?.forgotten()).collect()
    }

    fn insert(&mut self, name: String, variable: Variable) -> Option<Variable> {
        self.declared += 1;
        let variable = Variable { loops: self.loops, number: self.declared, ..variable };
        self.scopes.last_mut()?.insert(name, variable)
    }

    /// Whether the variable that a pattern binds is sorted somewhere.
    pub(super) fn is_sorted(&self, pat: &Pat) -> bool {
        match pat {
            Pat::Ident(name) => self.sorted.contains(&name.ident.to_string()),
            Pat::Type(typed) => self.is_sorted(&typed.pat),
            _ => false,
        }
    }

    /// The names of those that end before the one of this number, as they were declared after it.
    pub(super) fn declared_after(&self, number: usize) -> Vec<String> {
        let ends_before = |(name, variable): (&String, &Variable)| (variable.number > number).then(|| name.clone());
        self.scopes.iter().flatten().filter_map(ends_before).collect()
    }

    pub(super) fn declare(&mut self, name: &str, variable: Variable) {
        self.insert(name.to_owned(), variable);
    }
}

struct Names(Vec<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        let name = node.ident.to_string();
        if !name.starts_with(char::is_uppercase) {
            self.0.push(name);
        }
        visit::visit_pat_ident(self, node);
    }

    fn visit_expr(&mut self, _: &'ast Expr) {}

    fn visit_macro(&mut self, _: &'ast Macro) {}
}

/// The variables that a function sorts.
pub(super) fn sorted(block: &Block) -> BTreeSet<String> {
    let mut sorted = Sorted(BTreeSet::new());
    sorted.visit_block(block);
    sorted.0
}

struct Sorted(BTreeSet<String>);

impl<'ast> Visit<'ast> for Sorted {
    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        if let Expr::Path(receiver) = &*node.receiver
            && let Some(name) = receiver.path.get_ident()
            && node.method.to_string().starts_with("sort")
        {
            self.0.insert(name.to_string());
        }
        visit::visit_expr_method_call(self, node);
    }
}
