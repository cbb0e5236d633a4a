//! What `?` calls: it makes the function's error of another one, by a `From` that may do anything.

use quote::ToTokens;
use syn::{Expr, ExprCall, ExprMethodCall, ExprTry, GenericArgument, ReturnType, Type};

use super::conversions::{is_result, may_be};
use super::infer::OPTION;
use super::paths::{Target, owner_of};
use super::walk::Walk;
use crate::body::macros::{self, Kind};
use crate::idents::is_one_of;
use crate::resolve::{Head, Known};

/// The error that `?` meets.
enum Source {
    Known(Known),
    /// One of another crate.
    Foreign,
    /// It may be the function's own, which stays as it is.
    Unknown,
}

/// Methods of a `Result` that leave its error what it is.
const KEEPING: &[&str] = &["and_then", "as_ref", "cloned", "copied", "inspect", "inspect_err", "map"];

/// Methods whose error is what a closure or the place around makes of it.
const OPEN: &[&str] =
    &["collect", "map_err", "ok_or", "ok_or_else", "or_else", "sum", "transpose", "try_fold", "try_for_each"];

pub(super) const WORKFLOW_RESULT: &str = "owf_runtime::WorkflowResult";
pub(super) const WORKFLOW_ERROR: &str = "owf_runtime::WorkflowError";

/// What `text.parse::<T>()` may fail with.
const PARSING: &[(&str, &[&str])] = &[
    (
        "std::num::ParseIntError",
        &["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"],
    ),
    ("std::num::ParseFloatError", &["f32", "f64"]),
    ("std::str::ParseBoolError", &["bool"]),
    ("std::char::ParseCharError", &["char"]),
];

impl Walk<'_> {
    /// The error of the function or closure that returns a type, if it has one of its own.
    pub(super) fn error_of_result(&self, output: &ReturnType) -> Option<Known> {
        let ReturnType::Type(_, ty) = output else { return None };
        if !self.scope.may_have_method("from") {
            return None;
        }
        let result = self.scope.known(ty, &self.generics).filter(is_result)?;
        result.argument(1).filter(|error| matches!(error.head, Head::Own(_)))
    }

    /// `value?`
    pub(super) fn implied_by_question(&mut self, node: &ExprTry) {
        let Some(error) = self.error.clone() else { return self.shown_by_question(node) };
        let source = self.source_of(&node.expr);
        let is_foreign = |of: Option<&Known>| !matches!(of, Some(Known { head: Head::Own(_), .. }));
        let (methods, types) = match source {
            Source::Known(source) if source.head == error.head => return,
            Source::Known(source) => {
                let methods = self.scope.methods_of_trait(&error, "From", "from", |of| may_be(of, Some(&source)));
                (methods, vec![Some(source)])
            }
            Source::Foreign => (self.scope.methods_of_trait(&error, "From", "from", is_foreign), Vec::new()),
            Source::Unknown => return,
        };
        self.implied_by(&error, "From", &methods, &types, node);
    }

    /// An error that becomes a workflow's, which keeps its text.
    fn shown_by_question(&mut self, node: &ExprTry) {
        if self.report().is_none() || !self.scope.may_have_method("fmt") {
            return;
        }
        let Some(returned) = self.returned.clone() else { return };
        let is_ours = |known: Known| error_of(&known).is_some_and(|error| error.is(WORKFLOW_ERROR));
        if self.scope.known(&returned, &self.generics).is_some_and(is_ours)
            && let Some(error) = self.type_of(&node.expr).filter(is_result).and_then(|known| known.argument(1))
        {
            self.shown_as_error(&error, node);
        }
    }

    /// `WorkflowError::fatal(error)`
    pub(super) fn shown_by_function(&mut self, call: &ExprCall) {
        let (Expr::Path(path), Some(first)) = (&*call.func, call.args.first()) else { return };
        if path.path.segments.len() > 1
            && self.scope.may_have_method("fmt")
            && path.path.segments.last().is_some_and(|last| is_one_of(&last.ident, &["fatal", "from", "msg"]))
            && self.scope.known_path(&owner_of(path), &self.generics).is_some_and(|owner| owner.is(WORKFLOW_ERROR))
            && let Some(error) = self.type_of(first)
        {
            self.shown_as_error(&error, call);
        }
    }

    /// What becomes a workflow's error is shown by its `Display`.
    pub(super) fn shown_as_error(&mut self, error: &Known, at: &dyn ToTokens) {
        self.made_by("Display", "fmt", error, at);
    }

    fn source_of(&mut self, expr: &Expr) -> Source {
        if let Some(known) = self.type_of(expr) {
            if known.is(OPTION) {
                return Source::Unknown;
            }
            if let Some(error) = known.argument(1).filter(|_| is_result(&known)) {
                return Source::Known(error);
            }
        }
        match expr {
            Expr::Paren(paren) => self.source_of(&paren.expr),
            Expr::Await(node) => match &*node.base {
                Expr::Macro(step) if macros::kind(&step.mac) == Kind::Step => {
                    Source::Known(Known::foreign("owf_runtime::StepError", Vec::new()))
                }
                other => self.source_of(other),
            },
            Expr::MethodCall(call) => self.source_of_method(call),
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => match self.target(path, Some(&call.args)) {
                    Target::Absolute(_) => Source::Foreign,
                    _ => Source::Unknown,
                },
                _ => Source::Unknown,
            },
            Expr::Macro(call) if is_one_of_writing(&call.mac) => Source::Foreign,
            _ => Source::Unknown,
        }
    }

    fn source_of_method(&mut self, call: &ExprMethodCall) -> Source {
        if is_one_of(&call.method, KEEPING) {
            return self.source_of(&call.receiver);
        }
        let name = call.method.to_string();
        if name == "parse"
            && let Some(GenericArgument::Type(ty)) = call.turbofish.as_ref().and_then(|list| list.args.first())
        {
            return self.source_of_parsing(ty);
        }
        if OPEN.contains(&name.as_str()) || self.scope.has_method(&name) { Source::Unknown } else { Source::Foreign }
    }

    fn source_of_parsing(&mut self, ty: &Type) -> Source {
        let Some(known) = self.scope.known(ty, &self.generics) else { return Source::Foreign };
        if matches!(known.head, Head::Own(_)) {
            return self.scope.associated_type(&known, "FromStr", "Err").map_or(Source::Unknown, Source::Known);
        }
        let error = PARSING.iter().find(|(_, types)| known.is_one_of(types));
        error.map_or(Source::Foreign, |(error, _)| Source::Known(Known::foreign(error, Vec::new())))
    }
}

/// The error of a `Result`.
pub(super) fn error_of(known: &Known) -> Option<Known> {
    match known.is(WORKFLOW_RESULT) {
        true => Some(Known::foreign(WORKFLOW_ERROR, Vec::new())),
        false => known.argument(1),
    }
}

fn is_one_of_writing(call: &syn::Macro) -> bool {
    matches!(macros::name(call).as_str(), "write" | "writeln")
}
