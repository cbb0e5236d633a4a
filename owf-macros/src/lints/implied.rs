//! What the walk asks of code that calls a method without its name: `a + b`, `for x in pages`, `format!("{order}")`.
//!
//! A type of the crate's files may do anything in the traits that stand behind these. What those of other types do is taken
//! for what everybody expects.

use quote::ToTokens;
use syn::{BinOp, Expr, ExprMethodCall, ExprStruct, GenericArgument, Type, UnOp};

use super::names;
use super::site::Site;
use super::walk::Walk;
use crate::body::macros;
use crate::diagnostics::source;
use crate::idents::is_one_of;
use crate::resolve::{Head, Known, Namespace};

/// Methods that make a value by `Default` where there is none.
const DEFAULTING: &[&str] = &["or_default", "unwrap_or_default"];

/// Methods of `Option` and `Result` that leave the value inside what it is.
const UNWRAPPING: &[&str] =
    &["context", "expect", "map_err", "ok", "ok_or", "ok_or_else", "unwrap", "unwrap_or", "unwrap_or_else"];

/// Longer code is not repeated in a message.
const SOURCE_MAX: usize = 50;

impl Walk<'_> {
    /// The methods that an expression calls by what it is.
    pub(super) fn implied(&mut self, node: &Expr) {
        match node {
            Expr::Binary(binary) => {
                if let Some((of_trait, method)) = of_binary(&binary.op) {
                    self.implied_of(&binary.left, of_trait, method, node);
                }
            }
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => self.implied_of(&unary.expr, "Neg", "neg", node),
                UnOp::Not(_) => self.implied_of(&unary.expr, "Not", "not", node),
                UnOp::Deref(_) => self.implied_of(&unary.expr, "Deref", "deref", node),
                _ => {}
            },
            Expr::Index(index) => self.implied_of(&index.expr, "Index", "index", node),
            Expr::ForLoop(turns) => {
                self.implied_of(&turns.expr, "IntoIterator", "into_iter", &turns.expr);
                self.implied_of(&turns.expr, "Iterator", "next", &turns.expr);
            }
            Expr::Struct(made) => self.filled_up(made),
            Expr::MethodCall(call) => {
                let Some(GenericArgument::Type(ty)) = call.turbofish.as_ref().and_then(|list| list.args.first()) else {
                    return;
                };
                match call.method.to_string().as_str() {
                    "parse" => self.parsed(ty, node),
                    "collect" => self.collected(ty),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn implied_of(&mut self, value: &Expr, of_trait: &str, method: &str, at: &Expr) {
        // A type costs more than a name.
        if self.scope.may_have_method(method)
            && let Some(known) = self.type_of(value)
        {
            self.implied_by_type(&known, of_trait, method, at);
        }
    }

    /// Whether a method of this name may call one that a type of the file has for a trait.
    pub(super) fn may_imply(&self, name: &str) -> bool {
        let method = match name {
            "to_string" => "fmt",
            name if DEFAULTING.contains(&name) => "default",
            _ => "next",
        };
        self.scope.has_method(method)
    }

    /// What a method that no `impl` of the file has by its name calls of those that the receiver's type has.
    pub(super) fn implied_by_method(&mut self, call: &ExprMethodCall, known: &Known) {
        if is_one_of(&call.method, DEFAULTING) {
            return known.argument(0).map_or((), |inside| self.made_by_default(&inside, call));
        }
        match call.method.to_string().as_str() {
            "to_string" => self.implied_by_type(known, "Display", "fmt", call),
            // Adapters and what ends a chain are the trait's own, over `next`.
            _ => self.implied_by_type(known, "Iterator", "next", &call.receiver),
        }
    }

    /// `text.parse()?` where a `T` is expected.
    pub(super) fn parsed(&mut self, ty: &Type, at: &dyn ToTokens) {
        if let Some(known) = self.scope.known(ty, &self.generics) {
            self.implied_by_type(&known, "FromStr", "from_str", at);
        }
    }

    /// A collection that is listed by its type: `futures.collect::<FuturesUnordered<_>>()`.
    pub(super) fn collected(&mut self, ty: &Type) {
        let Some(Known { head: Head::Foreign(full), .. }) = self.scope.known(ty, &self.generics) else { return };
        let path: Vec<String> = full.split("::").map(str::to_owned).collect();
        if let Some(known) = names::find(&path, Namespace::Values).filter(|(_, name)| name.kind == names::Kind::Type) {
            self.listed(&ty, None, known, &full);
        }
    }

    /// `Order { id, ..Default::default() }`
    fn filled_up(&mut self, made: &ExprStruct) {
        let Some(rest @ Expr::Call(call)) = made.rest.as_deref() else { return };
        let is_default = matches!(&*call.func, Expr::Path(path) if super::calls::is_default(&path.path));
        if let Some(known) =
            self.type_of(&Expr::Struct(ExprStruct { rest: None, ..made.clone() })).filter(|_| is_default)
        {
            self.made_by_default(&known, rest);
        }
    }

    /// A value of a type's `Default`, which may be derived from those of its fields.
    pub(super) fn made_by_default(&mut self, known: &Known, at: &dyn ToTokens) {
        let mut types = vec![known.clone()];
        let mut seen = Vec::new();
        while let Some(known) = types.pop() {
            self.implied_by_type(&known, "Default", "default", at);
            if !seen.contains(&known) {
                types.extend(self.scope.derived_fields(&known, "Default"));
                seen.push(known);
            }
        }
    }

    /// What the type has for the trait, if it is of the crate's files.
    pub(super) fn implied_by_type(&mut self, known: &Known, of_trait: &str, method: &str, at: &dyn ToTokens) {
        let Head::Own(own) = &known.head else { return };
        let Some(method) = self.scope.method_of_trait(known, of_trait, method) else { return };
        let Some(reason) = self.reason_of(&method, &[Some(known.clone())]) else { return };
        let name = format!("`{of_trait}` of `{}`", own.name);
        let clause = || format!("uses {name}, which {}", reason.clause);
        if self.keeps_reason(reason.about, &reason.conditions, clause) {
            return;
        }
        let code = code_of(at).unwrap_or_else(|| "..".to_owned());
        let path = own.name.clone();
        let site = Site { path, arguments: None, code: Some(code), statement: self.statement.clone() };
        let what = format!("{name} {}", reason.clause);
        let conditions = reason.conditions.clone();
        self.under(conditions, |walk| walk.found_at_site(reason.about, at, &site, &what, instead_of(of_trait)));
    }
}

/// The source of an expression that can be put into a step.
fn code_of(at: &dyn ToTokens) -> Option<String> {
    let tokens = at.to_token_stream();
    let is_movable = macros::find_await(&tokens).is_none() && macros::find_step(&tokens).is_none();
    Some(source(tokens)).filter(|text| is_movable && text.len() <= SOURCE_MAX && !text.contains(['{', '"']))
}

/// What to write where a trait's method is called.
fn instead_of(of_trait: &str) -> &'static str {
    match of_trait {
        "Drop" => "make it and drop it in one step: `step!(\"{id}\", { .. }).await?`",
        "Iterator" => "collect it in a step: `step!(\"{id}\", {code}.collect::<Vec<_>>()).await?`",
        "IntoIterator" => "collect it in a step: `step!(\"{id}\", {code}.into_iter().collect::<Vec<_>>()).await?`",
        of_trait if of_trait.ends_with("Assign") => "return the new value from a step: `step!(\"{id}\", ..).await?`",
        _ => names::STEP,
    }
}

/// The expression whose value `unwrap`, `?` and their like pass on.
pub(super) fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Try(node) => unwrapped(&node.expr),
        Expr::Paren(node) => unwrapped(&node.expr),
        Expr::MethodCall(call) if is_one_of(&call.method, UNWRAPPING) => unwrapped(&call.receiver),
        other => other,
    }
}

fn of_binary(op: &BinOp) -> Option<(&'static str, &'static str)> {
    Some(match op {
        BinOp::Add(_) => ("Add", "add"),
        BinOp::Sub(_) => ("Sub", "sub"),
        BinOp::Mul(_) => ("Mul", "mul"),
        BinOp::Div(_) => ("Div", "div"),
        BinOp::Rem(_) => ("Rem", "rem"),
        BinOp::BitAnd(_) => ("BitAnd", "bitand"),
        BinOp::BitOr(_) => ("BitOr", "bitor"),
        BinOp::BitXor(_) => ("BitXor", "bitxor"),
        BinOp::Shl(_) => ("Shl", "shl"),
        BinOp::Shr(_) => ("Shr", "shr"),
        BinOp::AddAssign(_) => ("AddAssign", "add_assign"),
        BinOp::SubAssign(_) => ("SubAssign", "sub_assign"),
        BinOp::MulAssign(_) => ("MulAssign", "mul_assign"),
        BinOp::DivAssign(_) => ("DivAssign", "div_assign"),
        BinOp::Eq(_) | BinOp::Ne(_) => ("PartialEq", "eq"),
        BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => ("PartialOrd", "partial_cmp"),
        _ => return None,
    })
}
