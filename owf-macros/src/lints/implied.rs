//! What the walk asks of code that calls a method without its name: `a + b`, `for x in pages`, `format!("{order}")`.
//!
//! A type of the crate's files may do anything in the traits that stand behind these. What those of other types do is taken
//! for what everybody expects.

use quote::ToTokens;
use syn::{BinOp, Expr, ExprCall, ExprMethodCall, ExprStruct, GenericArgument, ReturnType, Type, UnOp};

use super::conversions::may_be;
use super::infer::{ENTRY, MAPS, element};
use super::names;
use super::paths::Target;
use super::site::Site;
use super::walk::Walk;
use crate::body::macros;
use crate::diagnostics::source;
use crate::idents::is_one_of;
use crate::resolve::{Head, Known, Method};

/// Methods of `Option` and `Result` that leave the value inside what it is.
pub(super) const UNWRAPPING: &[&str] =
    &["context", "expect", "map_err", "ok", "ok_or", "ok_or_else", "unwrap", "unwrap_or", "unwrap_or_else"];

/// Collections in whose elements an order or a hash is asked for.
const SETS: &[&str] = &["std::collections::BTreeSet", "std::collections::BinaryHeap", "std::collections::HashSet"];

/// Those that compare what is put into them.
const SORTED: &[&str] = &["std::collections::BTreeMap", "std::collections::BTreeSet", "std::collections::BinaryHeap"];

/// Methods of the standard library's collections that change what they are called on.
const CHANGING: &[&str] = &[
    "append",
    "clear",
    "drain",
    "entry",
    "extend",
    "get_mut",
    "insert",
    "iter_mut",
    "pop",
    "push",
    "push_back",
    "push_front",
    "push_str",
    "remove",
    "retain",
    "sort",
    "truncate",
    "values_mut",
];

/// Longer code is not repeated in a message.
const SOURCE_MAX: usize = 50;

impl Walk<'_> {
    /// The methods that an expression calls by what it is.
    pub(super) fn implied(&mut self, node: &Expr) {
        match node {
            Expr::Binary(binary) => {
                if let Some((of_trait, method)) = of_binary(&binary.op) {
                    self.implied_by_operator(&binary.left, (of_trait, method), Some(&binary.right), node);
                    if method.ends_with("_assign") {
                        self.implied_by_place(&binary.left);
                    }
                }
            }
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => self.implied_of(&unary.expr, "Neg", "neg", node),
                UnOp::Not(_) => self.implied_of(&unary.expr, "Not", "not", node),
                UnOp::Deref(_) => self.implied_of(&unary.expr, "Deref", "deref", node),
                _ => {}
            },
            Expr::Index(index) => {
                self.implied_by_operator(&index.expr, ("Index", "index"), Some(&index.index), node);
            }
            Expr::Assign(assign) => self.implied_by_place(&assign.left),
            Expr::Reference(reference) if reference.mutability.is_some() => self.implied_by_place(&reference.expr),
            Expr::Try(question) => self.implied_by_question(question),
            Expr::ForLoop(turns) => {
                self.implied_of(&turns.expr, "IntoIterator", "into_iter", &turns.expr);
                self.implied_of(&turns.expr, "Iterator", "next", &turns.expr);
            }
            Expr::Struct(made) => self.filled_up(made),
            Expr::MethodCall(call) => {
                let Some(GenericArgument::Type(ty)) = call.turbofish.as_ref().and_then(|list| list.args.first()) else {
                    return;
                };
                self.made_as_written(call, ty);
            }
            _ => {}
        }
    }

    fn implied_of(&mut self, value: &Expr, of_trait: &str, method: &str, at: &dyn ToTokens) {
        self.implied_by_operator(value, (of_trait, method), None, at);
    }

    /// What the type of a value has for the trait, if it is of the crate's files; `other` is the operand on the other side.
    fn implied_by_operator(
        &mut self,
        value: &Expr,
        (of_trait, method): (&str, &str),
        other: Option<&Expr>,
        at: &dyn ToTokens,
    ) {
        // A type costs more than a name.
        if !self.scope.may_have_method(method) {
            return;
        }
        let (known, given) = (self.type_of(value), other.and_then(|other| self.type_of(other)));
        // `2 * cents`, of a trait that a type of another crate has for one of the file's.
        if let Some(given) = given.as_ref().filter(|given| matches!(given.head, Head::Own(_)))
            && !known.as_ref().is_some_and(|known| matches!(known.head, Head::Own(_)))
        {
            let methods = self.scope.methods_with(of_trait, method, given, known.as_ref());
            self.implied_by(given, of_trait, &methods, &[known, Some(given.clone())], at);
            return;
        }
        let Some(known) = known else { return };
        let methods = self.scope.methods_of_trait(&known, of_trait, method, |of| may_be(of, given.as_ref()));
        if methods.is_empty() {
            return self.made_by(of_trait, method, &known, at);
        }
        self.implied_by(&known, of_trait, &methods, &[Some(known.clone()), given], at);
    }

    /// `table[key] = value` and `&mut table[key]`
    fn implied_by_place(&mut self, place: &Expr) {
        match place {
            Expr::Index(index) => {
                self.implied_by_operator(&index.expr, ("IndexMut", "index_mut"), Some(&index.index), place);
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                self.implied_of(&unary.expr, "DerefMut", "deref_mut", place);
            }
            Expr::Field(field) => self.implied_by_place(&field.base),
            Expr::Paren(paren) => self.implied_by_place(&paren.expr),
            _ => {}
        }
    }

    /// A value that is made in the midst of an expression, and dropped with its statement.
    pub(super) fn implied_by_temporary(&mut self, value: &Expr) {
        if !self.scope.has_method("drop") {
            return;
        }
        let is_value = match value {
            Expr::Struct(_) => true,
            Expr::Call(ExprCall { func, args, .. }) => match &**func {
                Expr::Path(path) => match self.target(path, Some(args)) {
                    Target::Functions(methods) => {
                        methods.iter().all(|method| !is_reference(&method.function.sig.output))
                    }
                    Target::Nothing => true,
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        };
        if is_value && let Some(known) = self.type_of(value) {
            self.made_by("Drop", "drop", &known, value);
        }
    }

    /// Whether a method of this name may call one that a type of the file has for a trait.
    pub(super) fn may_imply(&self, name: &str) -> bool {
        let may_be = |methods: &[&str]| methods.iter().any(|method| self.scope.has_method(method));
        match behind(name) {
            Some((.., On::Key)) => may_be(&["cmp", "hash", "deref", "deref_mut"]),
            Some((_, method, _)) => may_be(&[method]),
            None => may_be(&["next", "deref", "deref_mut"]),
        }
    }

    /// What a method that no `impl` of the file has by its name calls of those that the receiver's type has.
    pub(super) fn implied_by_method(&mut self, call: &ExprMethodCall, known: &Known) {
        let Some((of_trait, method, on)) = behind(&call.method.to_string()) else {
            // Adapters and what ends a chain are the trait's own, over `next`.
            self.made_by("Iterator", "next", known, &call.receiver);
            return self.implied_by_deref(call, known);
        };
        match on {
            On::Receiver => self.made_by(of_trait, method, known, call),
            On::Key => {
                let innermost = self.scope.innermost(known);
                let key = innermost.argument(0).or_else(|| call.args.first().and_then(|first| self.type_of(first)));
                match key {
                    Some(key) if innermost.is_one_of(SORTED) => self.made_by("Ord", "cmp", &key, call),
                    Some(key) if innermost.is_hash_ordered() => self.made_by("Hash", "hash", &key, call),
                    _ => self.implied_by_deref(call, known),
                }
            }
            On::Element => {
                let innermost = self.scope.innermost(known);
                let holds = [MAPS, SETS, &[ENTRY]].iter().any(|types| innermost.is_one_of(types));
                let is_iterator = holds || element(&innermost).is_some();
                let element = if is_iterator { innermost.argument(0) } else { self.type_of_turn(&call.receiver) };
                let operand = element.unwrap_or_else(|| known.clone());
                self.made_by(of_trait, method, &operand, call);
            }
        }
    }

    /// A method of what a type of the file's dereferences to.
    fn implied_by_deref(&mut self, call: &ExprMethodCall, known: &Known) {
        if matches!(known.head, Head::Own(_)) {
            self.made_by("Deref", "deref", known, call);
            if is_one_of(&call.method, CHANGING) {
                self.made_by("DerefMut", "deref_mut", known, call);
            }
        }
    }

    /// What a function of the standard library calls of those that the type of its first argument has.
    pub(super) fn implied_by_function(&mut self, call: &ExprCall) {
        let (Expr::Path(path), Some(first)) = (&*call.func, call.args.first()) else { return };
        let (of_trait, method) = match path.path.segments.last().map(|last| last.ident.to_string()).as_deref() {
            Some("take") => ("Default", "default"),
            Some("max" | "min") => ("Ord", "cmp"),
            _ => return,
        };
        if let Target::Absolute(full) = self.target(path, Some(&call.args))
            && matches!(full.as_slice(), [root, module, _] if root == "std" && (module == "mem" || module == "cmp"))
        {
            self.implied_of(first, of_trait, method, call);
        }
    }

    /// `write!(audit, ..)`
    pub(super) fn implied_by_writing(&mut self, target: &Expr) {
        self.implied_of(target, "Write", "write", target);
        self.implied_of(target, "Write", "write_str", target);
    }

    /// `Order { id, ..Default::default() }`
    fn filled_up(&mut self, made: &ExprStruct) {
        let Some(rest @ Expr::Call(call)) = made.rest.as_deref() else { return };
        let is_default = matches!(&*call.func, Expr::Path(path) if super::calls::is_default(&path.path));
        if let Some(known) =
            self.type_of(&Expr::Struct(ExprStruct { rest: None, ..made.clone() })).filter(|_| is_default)
        {
            self.made_by("Default", "default", &known, rest);
        }
    }

    /// A value that a trait makes, or one that it is called on: by what the type has for the trait, or by what its parts have for
    /// one that is derived.
    pub(super) fn made_by(&mut self, of_trait: &str, method: &str, known: &Known, at: &dyn ToTokens) {
        if !self.scope.has_method(method) {
            return;
        }
        let mut types = vec![known.clone()];
        let mut seen: Vec<Known> = Vec::new();
        while let Some(known) = types.pop() {
            if seen.contains(&known) {
                continue;
            }
            let methods = self.scope.methods_of_trait(&known, of_trait, method, |_| true);
            if self.implied_by(&known, of_trait, &methods, &[Some(known.clone())], at) {
                return;
            }
            if methods.is_empty() {
                types.extend(self.scope.parts(&known, of_trait));
            }
            seen.push(known);
        }
    }

    /// Reports what the methods of a trait do, if each does something: which of them is meant the file does not tell.
    pub(super) fn implied_by(
        &mut self,
        known: &Known,
        of_trait: &str,
        methods: &[Method],
        types: &[Option<Known>],
        at: &dyn ToTokens,
    ) -> bool {
        let Head::Own(own) = &known.head else { return false };
        let reasons: Option<Vec<_>> = methods.iter().map(|method| self.reason_of(method, types)).collect();
        let Some(reason) = reasons.and_then(|reasons| reasons.into_iter().next()) else { return false };
        let name = format!("`{of_trait}` of `{}`", own.name);
        let clause = || format!("uses {name}, which {}", reason.clause);
        if self.keeps_reason(reason.about, &reason.conditions, clause) {
            return true;
        }
        let code = code_of(at).unwrap_or_else(|| "..".to_owned());
        let path = own.name.clone();
        let site = Site { path, arguments: None, code: Some(code), statement: self.statement.clone() };
        let what = format!("{name} {}", reason.clause);
        let conditions = reason.conditions.clone();
        self.under(conditions, |walk| walk.found_at_site(reason.about, at, &site, &what, instead_of(of_trait)));
        true
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
        "Write" => "write it in a step: `step!(\"{id}\", ..).await?`",
        "Hash" | "Ord" | "PartialEq" | "PartialOrd" => {
            "compare by what stays the same, or do it in a step, and return the result: `step!(\"{id}\", ..).await?`"
        }
        of_trait if of_trait.ends_with("Assign") || of_trait.ends_with("Mut") => {
            "return the new value from a step: `step!(\"{id}\", ..).await?`"
        }
        _ => names::STEP,
    }
}

fn is_reference(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Reference(_)))
}

/// Whose methods are called.
#[derive(Clone, Copy)]
enum On {
    Receiver,
    /// What the receiver has in it.
    Element,
    /// The keys of a map or set.
    Key,
}

/// The method of a trait that stands behind one of the standard library's.
fn behind(method: &str) -> Option<(&'static str, &'static str, On)> {
    Some(match method {
        "to_string" => ("Display", "fmt", On::Receiver),
        "clone" | "clone_from" | "to_owned" | "to_vec" => ("Clone", "clone", On::Receiver),
        "or_default" | "unwrap_or_default" => ("Default", "default", On::Element),
        "eq" | "ne" => ("PartialEq", "eq", On::Receiver),
        "contains" | "dedup" | "ends_with" | "starts_with" => ("PartialEq", "eq", On::Element),
        "ge" | "gt" | "le" | "lt" | "partial_cmp" => ("PartialOrd", "partial_cmp", On::Receiver),
        "clamp" | "cmp" => ("Ord", "cmp", On::Receiver),
        "contains_key" | "entry" | "get" | "get_mut" | "insert" | "push" | "remove" => ("Ord", "cmp", On::Key),
        "binary_search" | "max" | "min" | "sort" | "sort_unstable" => ("Ord", "cmp", On::Element),
        "hash" => ("Hash", "hash", On::Receiver),
        "write_all" | "write_vectored" => ("Write", "write", On::Receiver),
        "write_char" => ("Write", "write_str", On::Receiver),
        "bytes" | "read_exact" | "read_to_end" | "read_to_string" => ("Read", "read", On::Receiver),
        "lines" | "read_line" | "read_until" => ("BufRead", "fill_buf", On::Receiver),
        _ => return None,
    })
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
