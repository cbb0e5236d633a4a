//! `owf::duplicate_id`: two steps of one function, or other operations, have the same ID. [`steps`](super::steps) finds them.

use syn::{Expr, ExprLit, Lit, Macro};

use super::Lint;
use super::names::About;
use super::paths::Target;
use super::walk::Walk;
use crate::body::{macros, reading};
use crate::diagnostics::source;
use crate::formats::parse_format;
use crate::idents::is_one_of;
use crate::resolve::{Const, Fallback, Generics, StaticKind};

pub(super) const ABOUT: About = About {
    lint: Lint::DuplicateId,
    consequence: "which of them is meant by what was recorded depends on the order in which they are met",
    why: "Results are recorded under the ID. A second step, timer, wait or value of the same ID is recorded as `id:1`, so that a changed branch or order gives one step the result of the other.",
    bad: "step!(\"mail\", a()).await?; step!(\"mail\", b()).await?;",
    good: "step!(\"mail-a\", a()).await?; step!(\"mail-b\", b()).await?;",
    gaps: &[
        "IDs that are computed (a constant, a `let` and `.to_string()` are seen through, and a `format!` of variables and their fields is compared as it stands), and the same ID in two functions of one workflow",
        "one step in a loop has one ID on purpose, and is allowed: `id`, `id:1`, `id:2`",
    ],
    names: &[],
    methods: &[],
};

/// Methods that leave a text as it is.
const AS_IT_IS: &[&str] = &["as_ref", "as_str", "clone", "into", "to_owned", "to_string"];

/// Ends the text of a `format!`, before the numbers of its variables, which tell those of one name apart.
pub(super) const VARIABLES: char = '\0';

/// How often a constant may lead to another one.
const DEPTH_MAX: usize = 8;

impl Walk<'_> {
    /// The text that an ID is, if that stays the same.
    pub(super) fn id_text(&mut self, id: &Expr) -> Option<String> {
        self.text_at_depth(id, 0)
    }

    fn text_at_depth(&mut self, expr: &Expr, depth: usize) -> Option<String> {
        match expr {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            Expr::Paren(paren) => self.text_at_depth(&paren.expr, depth),
            Expr::Group(group) => self.text_at_depth(&group.expr, depth),
            Expr::Reference(reference) if reference.mutability.is_none() => self.text_at_depth(&reference.expr, depth),
            Expr::MethodCall(call) if call.args.is_empty() && is_one_of(&call.method, AS_IT_IS) => {
                self.text_at_depth(&call.receiver, depth)
            }
            Expr::Call(call) => match (&*call.func, call.args.len()) {
                (Expr::Path(path), 1) if is_string_from(path) => self.text_at_depth(call.args.first()?, depth),
                _ => None,
            },
            Expr::Macro(call) => self.text_of_macro(&call.mac, depth),
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident()
                    && let Some(variable) = self.variables.find(&name.to_string())
                {
                    return variable.text.clone();
                }
                match self.target(path, None) {
                    Target::Const(item) => self.text_of_const(&item, depth),
                    Target::Static(_, item) => match &item.kind {
                        StaticKind::Typed(typed) => self.text_of_const(typed, depth),
                        StaticKind::Changing(_) => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn text_of_const(&mut self, item: &Const, depth: usize) -> Option<String> {
        if depth > DEPTH_MAX {
            return None;
        }
        let _fallback = item.is_read.then(Fallback::enter);
        let mut walk = Walk::of_helper(self.scope.at_home(item.home), self.helpers, Generics::new());
        walk.text_at_depth(&item.value, depth + 1)
    }

    fn text_of_macro(&mut self, call: &Macro, depth: usize) -> Option<String> {
        let name = macros::name(call);
        if !matches!(name.as_str(), "concat" | "format") {
            return None;
        }
        let parts = &reading::arguments(call)?.exprs;
        if name == "concat" {
            return parts.iter().map(|part| self.text_of_part(part, depth)).collect();
        }
        let text = self.text_at_depth(parts.first()?, depth)?;
        let shown = parse_format(&text);
        if parts.len() == 1 && shown.is_empty() {
            return Some(text.replace("{{", "{").replace("}}", "}"));
        }
        let names = shown.iter().filter_map(|placeholder| placeholder.name.as_ref());
        let named: Option<Vec<usize>> = names.map(|name| self.fixed_variable(name)).collect();
        let given: Option<Vec<usize>> = parts.iter().skip(1).map(|part| self.fixed_place(part)).collect();
        let variables: Vec<String> = named?.into_iter().chain(given?).map(|number| number.to_string()).collect();
        Some(format!("{}{VARIABLES}{}", source(call), variables.join(",")))
    }

    /// The number of a variable that keeps its value.
    fn fixed_variable(&mut self, name: &str) -> Option<usize> {
        let is_fixed = self.variables.bound.as_ref().is_some_and(|bound| !bound.has_mut_named(name));
        self.variables.find(name).map(|variable| variable.number).filter(|_| is_fixed)
    }

    /// As [`Walk::fixed_variable`], of `order.customer.id`.
    fn fixed_place(&mut self, place: &Expr) -> Option<usize> {
        match place {
            Expr::Path(path) => self.fixed_variable(&path.path.get_ident()?.to_string()),
            Expr::Field(field) => self.fixed_place(&field.base),
            Expr::Reference(reference) if reference.mutability.is_none() => self.fixed_place(&reference.expr),
            Expr::Paren(paren) => self.fixed_place(&paren.expr),
            Expr::Lit(_) => Some(0),
            _ => None,
        }
    }

    fn text_of_part(&mut self, part: &Expr, depth: usize) -> Option<String> {
        match part {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => Some(number.base10_digits().to_owned()),
            Expr::Lit(ExprLit { lit: Lit::Bool(truth), .. }) => Some(truth.value.to_string()),
            Expr::Lit(ExprLit { lit: Lit::Char(char), .. }) => Some(char.value().to_string()),
            other => self.text_at_depth(other, depth),
        }
    }
}

/// `String::from`
fn is_string_from(path: &syn::ExprPath) -> bool {
    let names: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    path.qself.is_none() && names == ["String", "from"]
}
