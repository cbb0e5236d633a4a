//! The variables in scope, and what is known of them.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Expr, FnArg, Ident, Macro, Pat, PatIdent, Path, Signature, Type};

use crate::resolve::{FileScope, Found, Namespace, Own, segments};

/// A variable of the function.
#[derive(Default)]
pub(super) struct Variable {
    /// Its type, if that is one of the file's own.
    pub(super) owner: Option<String>,
    /// The step that it is, until somebody mentions it.
    pub(super) unawaited: Option<Path>,
    /// Where a step changed its own copy of it, until somebody reads it.
    pub(super) lost: Option<Ident>,
    /// Whether it holds an address.
    pub(super) is_address: bool,
    /// In how many loops it was declared.
    pub(super) loops: usize,
}

/// The scopes of variables, innermost last.
#[derive(Default)]
pub(super) struct Variables {
    scopes: Vec<BTreeMap<String, Variable>>,
    pub(super) loops: usize,
}

impl Variables {
    pub(super) fn enter(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    /// Leaves the innermost scope, and returns the steps in it that nobody mentioned.
    pub(super) fn leave(&mut self) -> Vec<Path> {
        self.scopes.pop().into_iter().flatten().filter_map(|(_, variable)| variable.unawaited).collect()
    }

    pub(super) fn find(&mut self, name: &str) -> Option<&mut Variable> {
        self.scopes.iter_mut().rev().find_map(|scope| scope.get_mut(name))
    }

    /// Declares what a pattern binds, and returns the step that a name of it hides.
    pub(super) fn bind(&mut self, pat: &Pat, variable: impl Fn() -> Variable) -> Vec<Path> {
        let mut names = Names(Vec::new());
        names.visit_pat(pat);
        let loops = self.loops;
        let Some(scope) = self.scopes.last_mut() else { return Vec::new() };
        let declared = names.0.into_iter().map(|name| (name, Variable { loops, ..variable() }));
        declared.filter_map(|(name, variable)| scope.insert(name, variable)?.unawaited).collect()
    }

    pub(super) fn bind_signature(&mut self, sig: &Signature, scope: &FileScope) {
        for input in &sig.inputs {
            if let FnArg::Typed(typed) = input {
                let owner = type_owner(&typed.ty, scope);
                self.bind(&typed.pat, || Variable { owner: owner.clone(), ..Variable::default() });
            }
        }
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

/// The name of a type for which the file has methods.
pub(super) fn type_owner(ty: &Type, scope: &FileScope) -> Option<String> {
    match ty {
        Type::Reference(reference) => type_owner(&reference.elem, scope),
        Type::Paren(paren) => type_owner(&paren.elem, scope),
        Type::Group(group) => type_owner(&group.elem, scope),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?.ident.to_string();
            scope.has_methods_of(&last).then_some(last)
        }
        _ => None,
    }
}

/// The type of an expression, if its text tells and it is one of the file's own.
pub(super) fn expr_owner(expr: &Expr, scope: &FileScope) -> Option<String> {
    match expr {
        Expr::Struct(made) => path_owner(&made.path, scope),
        Expr::Path(unit) if unit.qself.is_none() => path_owner(&unit.path, scope),
        Expr::Reference(reference) => expr_owner(&reference.expr, scope),
        Expr::Paren(paren) => expr_owner(&paren.expr, scope),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if path.qself.is_none() => {
                let names = segments(&path.path);
                match scope.find(&names, Namespace::Values) {
                    // `Type::new(..)`, `Type::default()`
                    Found::Associated(owner, name) if matches!(name.as_str(), "new" | "default") => Some(owner),
                    _ => path_owner(&path.path, scope),
                }
            }
            _ => None,
        },
        _ => None,
    }
}

fn path_owner(path: &Path, scope: &FileScope) -> Option<String> {
    let last = path.segments.last()?.ident.to_string();
    matches!(scope.find(&segments(path), Namespace::Values), Found::Own(Own::Type)).then_some(last)
}
