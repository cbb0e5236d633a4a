//! What a conversion calls where only its result is written: `let fault: Fault = error.into()`, `text.parse()?`, `iterator.collect()`.
//!
//! The type stands at a `let`, a field, an argument, or at the end of a function. [`made_as`](Walk::made_as) hands it down to the
//! call that makes a value of it.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Expr, ExprAssign, ExprCall, ExprMethodCall, ExprPath, ExprStruct, FnArg, GenericArgument, PathArguments, Stmt, Type,
};

use super::calls::is_default;
use super::deserialized::is_reading;
use super::errors::{WORKFLOW_ERROR, WORKFLOW_RESULT, error_of};
use super::implied::UNWRAPPING;
use super::infer::{OPTION, RESULT, element, name_of};
use super::names;
use super::paths::{Arguments, Target, owner_of};
use super::walk::Walk;
use crate::idents::is_one_of;
use crate::resolve::{Head, Known, Method, Namespace, segments};

/// Methods whose result is what is expected of it.
const CONVERTING: &[&str] = &["collect", "into", "map", "map_err", "parse", "product", "sum", "try_into"];

/// Functions of a type that make a value of another one's.
const MAKING: &[&str] = &["from", "from_iter", "from_str", "try_from"];

/// Functions that put their argument into the type that is expected.
const WRAPPING: &[&str] = &["Box::new", "Box::pin", "Arc::new", "Rc::new"];

impl Walk<'_> {
    /// What the value of an expression is made by, where a `ty` is expected.
    pub(super) fn made_by_type(&mut self, expr: &Expr, ty: &Type) {
        if (may_convert(expr) || matches!(unwrapped(expr), Expr::Call(_)))
            && let Some(known) = self.scope.known(ty, &self.generics)
        {
            self.made_as(expr, &known);
        }
    }

    /// As [`made_by_type`](Walk::made_by_type), where a value of the type `known` is expected.
    pub(super) fn made_as(&mut self, expr: &Expr, known: &Known) {
        match expr {
            Expr::Paren(paren) => self.made_as(&paren.expr, known),
            Expr::Try(node) => self.made_as(&node.expr, &result_of(known)),
            Expr::Call(call) => self.call_makes(call, known),
            Expr::MethodCall(call) if is_one_of(&call.method, UNWRAPPING) => {
                if call.method == "map_err" {
                    self.maps(call, is_result(known).then(|| error_of(known)).flatten());
                }
                let inner = if is_result(known) { known.clone() } else { result_of(known) };
                self.made_as(&call.receiver, &inner);
            }
            Expr::MethodCall(call) if call.turbofish.is_none() => self.method_makes(call, known),
            Expr::Block(block) => {
                if let Some(Stmt::Expr(tail, None)) = block.block.stmts.last() {
                    self.made_as(tail, known);
                }
            }
            _ => {}
        }
    }

    /// What is expected of a call says what its closure returns: `map(|text| text.parse()).unwrap_or(..)`.
    pub(super) fn expect_of_parts(&mut self, expr: &Expr, expected: Option<&Type>) {
        if expected.is_none() && self.expected_within.is_none() && self.closure_output.is_none() {
            return;
        }
        let (within, output) = (self.expected_within.take(), self.closure_output.take());
        let within = within.or_else(|| expected.and_then(first_argument));
        (self.expected_within, self.closure_output) = match expr {
            Expr::Closure(_) => (None, output),
            Expr::Try(_) => (expected.cloned(), None),
            Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "expect" | "unwrap" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" => (expected.cloned(), None),
                "map_err" | "ok" | "ok_or" | "ok_or_else" => (within, None),
                "map" => (None, within),
                "map_or" | "map_or_else" => (None, expected.cloned()),
                _ => (None, None),
            },
            _ => (None, None),
        };
    }

    /// `Order { at: text.parse()? }`
    pub(super) fn fields_made(&mut self, made: &ExprStruct) {
        if !made.fields.iter().any(|field| may_convert(&field.expr)) {
            return;
        }
        let Some(known) = self.type_of(&Expr::Struct(ExprStruct { fields: Punctuated::new(), ..made.clone() })) else {
            return;
        };
        for field in made.fields.iter().filter(|field| may_convert(&field.expr)) {
            if let Some(known) = self.scope.field(&known, &name_of(&field.member)) {
                self.made_as(&field.expr, &known);
            }
        }
    }

    /// `at = text.parse()?`
    pub(super) fn assigned(&mut self, node: &ExprAssign) {
        if may_convert(&node.right)
            && let Some(known) = self.type_of(&node.left)
        {
            self.made_as(&node.right, &known);
        }
    }

    /// `function(text.into())`
    pub(super) fn arguments_made(&mut self, methods: &[Method], arguments: &Arguments) {
        let [Method { function, generics, .. }] = methods else { return };
        if !arguments.iter().any(may_convert) {
            return;
        }
        let (scope, is_method) = (self.scope.at_home(function.home), function.sig.receiver().is_some());
        // A method that is called as one has its receiver elsewhere.
        let inputs = function.sig.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_)));
        let skipped = usize::from(is_method && arguments.len() == function.sig.inputs.len());
        for (input, argument) in inputs.zip(arguments.iter().skip(skipped)).filter(|(_, value)| may_convert(value)) {
            if let FnArg::Typed(typed) = input
                && let Some(known) = scope.known(&typed.ty, generics)
            {
                self.made_as(argument, &known);
            }
        }
    }

    /// `collect::<T>()`, `parse::<T>()`, `sum::<T>()`
    pub(super) fn made_as_written(&mut self, call: &ExprMethodCall, ty: &Type) {
        if is_one_of(&call.method, CONVERTING)
            && let Some(known) = self.scope.known(ty, &self.generics)
        {
            let known = if call.method == "parse" { result_of(&known) } else { known };
            self.method_makes(call, &known);
        }
    }

    fn method_makes(&mut self, call: &ExprMethodCall, known: &Known) {
        let inside = if is_result(known) || known.is(OPTION) { known.argument(0) } else { None };
        match call.method.to_string().as_str() {
            "into" => self.converted("From", "from", known, &call.receiver, call),
            "try_into" => {
                if let Some(made) = inside {
                    self.converted("TryFrom", "try_from", &made, &call.receiver, call);
                }
            }
            "parse" => {
                if let Some(made) = inside {
                    self.made_by("FromStr", "from_str", &made, call);
                    self.listed_by_part(&made, call);
                }
            }
            "collect" => {
                let made = inside.as_ref().unwrap_or(known);
                self.collected(made, call);
                if let (Expr::MethodCall(inner), Some(element)) = (&*call.receiver, element(made)) {
                    self.maps(inner, Some(element));
                }
            }
            "sum" => self.made_by("Sum", "sum", known, call),
            "product" => self.made_by("Product", "product", known, call),
            "map" => self.maps(call, inside),
            _ => {}
        }
    }

    /// `.map(Into::into)`, `.map_err(Fault::from)`, where the closure's result is to be of a type.
    fn maps(&mut self, call: &ExprMethodCall, made: Option<Known>) {
        let Some(made) = made.filter(|_| is_one_of(&call.method, &["map", "map_err"])) else { return };
        let Some(Expr::Path(function)) = call.args.first() else { return };
        match segments(&function.path).iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["Into", "into"] | ["From", "from"] => {
                let at = usize::from(call.method == "map_err");
                let source = match self.type_of(&call.receiver) {
                    Some(known) if is_result(&known) || known.is(OPTION) => known.argument(at),
                    _ => self.type_of_turn(&call.receiver),
                };
                self.converted_from("From", "from", &made, source.as_ref(), function);
            }
            [.., "from"] => self.listed_by_part(&made, function),
            _ => {}
        }
    }

    fn call_makes(&mut self, call: &ExprCall, known: &Known) {
        let Expr::Path(function) = &*call.func else { return };
        let names = segments(&function.path);
        let (full, first) = (names.join("::"), call.args.first());
        match (full.as_str(), first) {
            ("Ok" | "Some", Some(value)) if is_result(known) || known.is(OPTION) => {
                return known.argument(0).map_or((), |known| self.made_as(value, &known));
            }
            ("Err", Some(value)) if is_result(known) => {
                return error_of(known).map_or((), |known| self.made_as(value, &known));
            }
            (wrapping, Some(value)) if WRAPPING.contains(&wrapping) => {
                return known.argument(0).map_or((), |known| self.made_as(value, &known));
            }
            _ => {}
        }
        if function.qself.is_none() && is_default(&function.path) {
            return self.made_by_nothing(call, known);
        }
        match self.target(function, Some(&call.args)) {
            Target::Functions(methods) => {
                // What a type parameter is, only the result may tell.
                let is_open = |method: &Method| method.function.sig.generics.type_params().next().is_some();
                if !methods.iter().any(is_open) {
                    return;
                }
                let types = self.types_of(&call.args);
                let untold = methods.into_iter().filter(|method| self.reason_of(method, &types).is_none());
                let told: Vec<_> = untold.filter_map(|method| self.told_by_result(method, known)).collect();
                if !told.is_empty() {
                    self.functions(function, Some(&call.args), &told, &types);
                }
            }
            // What is written there is told by the path.
            Target::Absolute(full) if is_making(&full) && self.has_open_owner(function) => {
                self.listed_by_part(known, function);
            }
            Target::Absolute(full) if is_reading(&full) && has_no_arguments(function) => {
                if let Some(made) = known.argument(0).filter(|_| is_result(known)) {
                    self.deserialized(&made, function, Some(&call.args));
                }
            }
            _ => {}
        }
    }

    /// `DateTime::from`, and not `DateTime::<Utc>::from`
    fn has_open_owner(&self, function: &ExprPath) -> bool {
        let owner = self.scope.known_path(&owner_of(function), &self.generics);
        owner.is_some_and(|owner| owner.arguments.is_empty())
    }

    /// `Default::default()`
    fn made_by_nothing(&mut self, call: &ExprCall, known: &Known) {
        match &known.head {
            Head::Foreign(owner) => {
                let full: Vec<String> = owner.split("::").chain(["default"]).map(str::to_owned).collect();
                if let Some(known) = names::find(&full, Namespace::Values) {
                    self.listed(&call.func, Some(&call.args), known, &full.join("::"));
                }
            }
            _ => self.made_by("Default", "default", known, call),
        }
    }

    fn converted(&mut self, of_trait: &str, method: &str, made: &Known, value: &Expr, at: &dyn ToTokens) {
        let is_asked =
            self.scope.may_have_method(method) || (made.is(WORKFLOW_ERROR) && self.scope.may_have_method("fmt"));
        let source = if is_asked { self.type_of(value) } else { None };
        self.converted_from(of_trait, method, made, source.as_ref(), at);
    }

    /// By one of several impls, `From<Source> for Made`: of that source, if it is known.
    fn converted_from(
        &mut self,
        of_trait: &str,
        method: &str,
        made: &Known,
        source: Option<&Known>,
        at: &dyn ToTokens,
    ) {
        if let Some(error) = source.filter(|_| made.is(WORKFLOW_ERROR)) {
            return self.shown_as_error(error, at);
        }
        let methods = self.scope.methods_of_trait(made, of_trait, method, |of| may_be(of, source));
        self.implied_by(made, of_trait, &methods, &[source.cloned()], at);
        self.listed_by_part(made, at);
    }

    /// A collection that is listed by its type, or that collects in a way of its own.
    fn collected(&mut self, made: &Known, call: &ExprMethodCall) {
        self.made_by("FromIterator", "from_iter", made, call);
        let Head::Foreign(full) = &made.head else { return };
        let path: Vec<String> = full.split("::").map(str::to_owned).collect();
        if let Some(known) = names::find(&path, Namespace::Values).filter(|(_, name)| name.kind == names::Kind::Type) {
            self.listed(&call.method, Some(&call.args), known, &full.clone());
        }
    }

    /// A type of another crate that has a listed one in it, which decides how it is made: `DateTime<Local>`.
    pub(super) fn listed_by_part(&mut self, made: &Known, at: &dyn ToTokens) {
        if !matches!(made.head, Head::Foreign(_)) {
            return;
        }
        for part in made.arguments.iter().flatten() {
            let Head::Foreign(full) = &part.head else { continue };
            let path: Vec<String> = full.split("::").map(str::to_owned).collect();
            if let Some(known) =
                names::find(&path, Namespace::Values).filter(|(_, name)| name.kind == names::Kind::Type)
            {
                return self.listed(at, None, known, full);
            }
        }
    }
}

/// Whether a path leaves the type open: `from_str`, and not `from_str::<Order>`.
fn has_no_arguments(function: &ExprPath) -> bool {
    function.path.segments.last().is_some_and(|last| last.arguments.is_none())
}

/// Whether a function's path is that of one that converts.
pub(super) fn is_making(path: &[String]) -> bool {
    path.last().is_some_and(|last| MAKING.contains(&last.as_str()))
}

/// Whether an `impl` for the type `of` may be the one for a `source`.
pub(super) fn may_be(of: Option<&Known>, source: Option<&Known>) -> bool {
    of.zip(source).is_none_or(|(of, source)| of.may_be(source))
}

/// Whether what is expected of an expression may decide what it calls.
fn may_convert(expr: &Expr) -> bool {
    match unwrapped(expr) {
        Expr::MethodCall(call) => is_one_of(&call.method, CONVERTING),
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return false };
            let last = function.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            match last.as_str() {
                "Ok" | "Some" | "Err" | "new" | "pin" => call.args.first().is_some_and(may_convert),
                last => last == "default" || MAKING.contains(&last),
            }
        }
        _ => false,
    }
}

/// The expression whose value `unwrap`, `?` and their like pass on.
fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => unwrapped(&paren.expr),
        Expr::Try(node) => unwrapped(&node.expr),
        // `map_err` has a conversion of its own.
        Expr::MethodCall(call) if call.method != "map_err" && is_one_of(&call.method, UNWRAPPING) => {
            unwrapped(&call.receiver)
        }
        other => other,
    }
}

/// `T` of an `Option<T>` or a `Result<T, E>`, as it is written.
fn first_argument(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(list) = &last.arguments else { return None };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) if is_one_of(&last.ident, &["Option", "Result", "WorkflowResult"]) => {
            Some(ty.clone())
        }
        _ => None,
    })
}

fn result_of(known: &Known) -> Known {
    Known::foreign(RESULT, vec![Some(known.clone())])
}

pub(super) fn is_result(known: &Known) -> bool {
    known.is_one_of(&[RESULT, WORKFLOW_RESULT])
}
