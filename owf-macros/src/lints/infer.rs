//! What type an expression has, as far as the types tell that are written in the file.
//!
//! Types tell whose method a call means, and what is iterated. In the body of a workflow the type probes know more; this
//! goes into helpers, too. Where the file leaves a doubt, nothing is known.

use syn::{Block, Expr, ExprCall, ExprMethodCall, Lit, Member, Pat, ReturnType, Stmt};

use super::paths::{Arguments, Target};
use super::variables::Variable;
use super::walk::{Walk, bound_by_call};
use crate::body::{macros, reading};
use crate::idents::is_one_of;
use crate::probes::{order, told, told_at};
use crate::resolve::{Found, Generics, Head, Known, Method, Namespace, StaticKind, segments};

/// Functions that make a value of the type that they belong to.
const MAKERS: &[&str] =
    &["default", "from", "from_iter", "from_waker", "new", "now", "with_capacity", "bind", "connect", "open", "create"];

/// Types whose one argument is the type of what their `new` takes.
const WRAPPERS: &[&str] = &[
    "std::boxed::Box",
    "std::cell::Cell",
    "std::cell::RefCell",
    "std::rc::Rc",
    "std::sync::Arc",
    "std::sync::Mutex",
    "std::sync::RwLock",
];

/// Methods whose closure gets what is inside.
const OF_OPTIONS: &[&str] =
    &["and_then", "filter", "inspect", "is_ok_and", "is_some_and", "map", "map_or", "map_or_else"];

/// Methods whose closure gets each element.
const OF_ITERATORS: &[&str] =
    &["all", "any", "filter", "filter_map", "find", "flat_map", "for_each", "inspect", "map", "position"];

const LOCKS: &[&str] = &["std::sync::Mutex", "std::sync::RwLock"];
const PATHS: &[&str] = &["std::path::Path", "std::path::PathBuf"];
const MAPS: &[&str] =
    &["std::collections::BTreeMap", "std::collections::HashMap", "ahash::AHashMap", "hashbrown::HashMap"];
const LISTS: &[&str] = &["std::collections::VecDeque", "std::vec::Vec"];
const OPTION: &str = "std::option::Option";
const RESULT: &str = "std::result::Result";

impl Walk<'_> {
    pub(super) fn types_of(&mut self, arguments: &Arguments) -> Vec<Option<Known>> {
        arguments.iter().map(|argument| self.type_of(argument)).collect()
    }

    /// The type of an expression.
    pub(super) fn type_of(&mut self, expr: &Expr) -> Option<Known> {
        match expr {
            Expr::Path(path) => {
                if let (Some(name), None) = (path.path.get_ident(), &path.qself)
                    && let Some(variable) = self.variables.find(&name.to_string())
                {
                    return variable.known.clone();
                }
                self.type_of_path(path)
            }
            Expr::Struct(made) => self.type_of_made(&segments(&made.path)),
            Expr::Call(call) => self.type_of_call(call),
            Expr::MethodCall(call) => self.type_of_method_call(call),
            Expr::Field(field) => {
                let base = self.type_of(&field.base)?;
                let name = match &field.member {
                    Member::Named(name) => name.to_string(),
                    Member::Unnamed(index) => index.index.to_string(),
                };
                self.scope.field(&base, &name)
            }
            Expr::Index(index) => {
                let base = self.type_of(&index.expr)?.innermost();
                if base.is_one_of(MAPS) { base.argument(1) } else { element(&base) }
            }
            Expr::Reference(reference) => self.type_of(&reference.expr),
            Expr::Paren(paren) => self.type_of(&paren.expr),
            Expr::Group(group) => self.type_of(&group.expr),
            Expr::Await(node) => self.type_of(&node.base),
            Expr::Try(node) => self.type_of(&node.expr).filter(|known| known.is_one_of(&[OPTION, RESULT]))?.argument(0),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                let known = self.type_of(&unary.expr)?;
                Some(known.seen_through().unwrap_or(known))
            }
            Expr::Cast(cast) => self.scope.known(&cast.ty, &self.generics),
            Expr::RawAddr(_) => Some(pointer()),
            Expr::Tuple(tuple) => {
                let arguments = tuple.elems.iter().map(|elem| self.type_of(elem)).collect();
                Some(Known { head: Head::Tuple, arguments })
            }
            Expr::Array(array) => {
                let element = array.elems.first().and_then(|first| self.type_of(first));
                Some(Known { head: Head::List, arguments: vec![element] })
            }
            Expr::Lit(literal) => type_of_literal(&literal.lit),
            Expr::If(node) => self.type_of_block(&node.then_branch),
            Expr::Block(node) if node.label.is_none() => self.type_of_block(&node.block),
            Expr::Macro(call) => self.type_of_macro(&call.mac),
            _ => None,
        }
    }

    fn type_of_block(&mut self, block: &Block) -> Option<Known> {
        match block.stmts.as_slice() {
            [Stmt::Expr(only, None)] => self.type_of(only),
            _ => None,
        }
    }

    fn type_of_macro(&mut self, call: &syn::Macro) -> Option<Known> {
        match macros::name(call).as_str() {
            "format" => Some(Known::foreign("std::string::String", Vec::new())),
            "addr_of" | "addr_of_mut" => Some(pointer()),
            "vec" => {
                let arguments = reading::arguments(call)?;
                let element = arguments.exprs.first().and_then(|first| self.type_of(first));
                Some(Known::foreign("std::vec::Vec", vec![element]))
            }
            _ => None,
        }
    }

    fn type_of_path(&mut self, path: &syn::ExprPath) -> Option<Known> {
        match self.target(path, None) {
            Target::Const(item) => self.scope.at_home(item.home).known(&item.ty, &Generics::new()),
            Target::Static(_, item) => match &item.kind {
                StaticKind::Typed(typed) => self.scope.at_home(item.home).known(&typed.ty, &Generics::new()),
                StaticKind::Changing(_) => None,
            },
            Target::Absolute(full) if is_epoch(&full) => Some(Known::foreign("std::time::SystemTime", Vec::new())),
            Target::Functions(methods) if !methods.is_empty() => {
                Some(Known { head: Head::Function, arguments: Vec::new() })
            }
            Target::Nothing | Target::Functions(_) if path.qself.is_none() => self.type_of_made(&segments(&path.path)),
            _ => None,
        }
    }

    /// The type of `Type { .. }`, `Type(..)`, `Enum::Variant`, and of a derived `Type::default()`.
    fn type_of_made(&self, names: &[String]) -> Option<Known> {
        if let [name, ..] = names
            && name == "Self"
        {
            return self.generics.get("Self").cloned().flatten();
        }
        match self.scope.find(names, Namespace::Values) {
            Found::Type(own) => Some(Known::own(own)),
            Found::Associated(own, name) => {
                let shape = self.scope.shape(&own)?;
                let is_derived = name == "default" && shape.derives.iter().any(|derived| derived == "Default");
                (shape.is_enum || is_derived).then(|| Known::own(own))
            }
            _ => None,
        }
    }

    fn type_of_call(&mut self, call: &ExprCall) -> Option<Known> {
        let Expr::Path(path) = &*call.func else { return None };
        if let Some(name) = path.path.get_ident()
            && self.variables.find(&name.to_string()).is_some()
        {
            return None;
        }
        let first = |walk: &mut Self| call.args.first().and_then(|argument| walk.type_of(argument));
        match self.target(path, Some(&call.args)) {
            Target::Functions(methods) if !methods.is_empty() => {
                let types = self.types_of(&call.args);
                self.type_of_result(&methods, &types)
            }
            Target::Absolute(full) => self.type_of_foreign(path, &full, call),
            Target::Nothing | Target::Functions(_) if path.qself.is_none() => {
                let names = segments(&path.path);
                if let Some(made) = self.type_of_made(&names) {
                    return Some(made);
                }
                match names.last().map(String::as_str) {
                    Some("Some") if names.len() == 1 => Some(Known::foreign(OPTION, vec![first(self)])),
                    Some("Ok") if names.len() == 1 => Some(Known::foreign(RESULT, vec![first(self)])),
                    Some(_) if names.len() == 2 => self.type_of_foreign(path, &names, call),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `HashMap::new()`, `Arc::new(value)`, `Arc::clone(&value)`.
    fn type_of_foreign(&mut self, path: &syn::ExprPath, full: &[String], call: &ExprCall) -> Option<Known> {
        let name = full.last()?.as_str();
        let first = |walk: &mut Self| call.args.first().and_then(|argument| walk.type_of(argument));
        if full.join("::").starts_with("std::ptr::") && matches!(name, "from_ref" | "from_mut" | "null" | "null_mut") {
            return Some(pointer());
        }
        let mut owner = path.path.clone();
        owner.segments.pop();
        owner.segments.pop_punct();
        let owner =
            self.scope.known_path(&owner, &self.generics).filter(|known| matches!(known.head, Head::Foreign(_)))?;
        match name {
            "new" if owner.is_one_of(WRAPPERS) => {
                let arguments = vec![first(self).or_else(|| owner.argument(0))];
                Some(Known { arguments, ..owner })
            }
            "pin" if owner.is("std::boxed::Box") => Some(Known::foreign("std::boxed::Box", vec![first(self)])),
            "clone" if call.args.len() == 1 => first(self),
            "as_ptr" | "as_mut_ptr" | "into_raw" | "leak_ptr" => Some(pointer()),
            name if MAKERS.contains(&name) => Some(owner),
            _ => None,
        }
    }

    fn type_of_method_call(&mut self, call: &ExprMethodCall) -> Option<Known> {
        let name = call.method.to_string();
        if let ("collect", Some(list)) = (name.as_str(), &call.turbofish) {
            let Some(syn::GenericArgument::Type(ty)) = list.args.first() else { return None };
            return self.scope.known(ty, &self.generics);
        }
        let receiver = self.type_of(&call.receiver)?;
        let methods = self.scope.methods(&receiver, &name);
        if !methods.is_empty() {
            let types: Vec<_> = std::iter::once(Some(receiver)).chain(self.types_of(&call.args)).collect();
            return self.type_of_result(&methods, &types);
        }
        let innermost = receiver.innermost();
        match name.as_str() {
            "clone" | "to_owned" if matches!(receiver.head, Head::Own(_) | Head::Foreign(_)) => Some(receiver),
            "to_string" => Some(Known::foreign("std::string::String", Vec::new())),
            "as_ptr" | "as_mut_ptr" if matches!(innermost.head, Head::Foreign(_) | Head::List) => Some(pointer()),
            "join" | "to_path_buf" | "with_extension" | "with_file_name" if innermost.is_one_of(PATHS) => {
                Some(Known::foreign("std::path::PathBuf", Vec::new()))
            }
            "parent" if innermost.is_one_of(PATHS) => Some(Known::foreign(OPTION, vec![Some(innermost)])),
            "lock" | "read" | "write" if innermost.is_one_of(LOCKS) => {
                Some(Known::foreign(RESULT, innermost.arguments))
            }
            "borrow" | "borrow_mut" if innermost.is("std::cell::RefCell") => innermost.argument(0),
            "get" | "get_mut" | "remove" if innermost.is_one_of(MAPS) => {
                Some(Known::foreign(OPTION, vec![innermost.argument(1)]))
            }
            "get" | "get_mut" | "first" | "last" | "pop" => {
                Some(Known::foreign(OPTION, vec![Some(element(&innermost)?)]))
            }
            _ => type_of_optional(&innermost, &name),
        }
    }

    /// What a function of the file returns, if its signature says so.
    fn type_of_result(&self, methods: &[Method], types: &[Option<Known>]) -> Option<Known> {
        let [Method { function, generics }] = methods else { return None };
        let ReturnType::Type(_, ty) = &function.sig.output else { return None };
        let mut generics = generics.clone();
        for (name, known) in bound_by_call(&function.sig, types) {
            generics.entry(name).or_insert(known);
        }
        self.scope.at_home(function.home).known(ty, &generics)
    }

    // Patterns.

    /// Binds a pattern to a value of a type.
    pub(super) fn bind_known(&mut self, pat: &Pat, known: Option<Known>) {
        self.bind(pat, Variable::default);
        self.tell(pat, known);
    }

    /// Says of what types the variables of a pattern are.
    pub(super) fn tell(&mut self, pat: &Pat, known: Option<Known>) {
        match pat {
            Pat::Ident(name) => {
                if let (Some(known), Some(variable)) = (known, self.variables.find(&name.ident.to_string())) {
                    variable.known = Some(known);
                }
            }
            Pat::Reference(reference) => self.tell(&reference.pat, known),
            Pat::Paren(paren) => self.tell(&paren.pat, known),
            Pat::Type(typed) => {
                let written = self.scope.known(&typed.ty, &self.generics);
                self.tell(&typed.pat, more_of(written, known));
            }
            Pat::Tuple(tuple) => {
                let has_rest = tuple.elems.iter().any(|elem| matches!(elem, Pat::Rest(_)));
                for (at, elem) in tuple.elems.iter().enumerate() {
                    let part = known.as_ref().filter(|known| known.head == Head::Tuple && !has_rest);
                    self.tell(elem, part.and_then(|known| known.argument(at)));
                }
            }
            Pat::TupleStruct(made) => {
                let name = made.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                for (at, elem) in made.elems.iter().enumerate() {
                    let part = known.as_ref().and_then(|known| match name.as_str() {
                        "Some" | "Ok" if known.is_one_of(&[OPTION, RESULT]) => known.argument(0),
                        _ => self.scope.field(known, &at.to_string()),
                    });
                    self.tell(elem, part);
                }
            }
            Pat::Struct(made) => {
                for field in &made.fields {
                    let Member::Named(name) = &field.member else { continue };
                    let part = known.as_ref().and_then(|known| self.scope.field(known, &name.to_string()));
                    self.tell(&field.pat, part);
                }
            }
            _ => {}
        }
    }

    /// What the turns of a loop over a value get.
    pub(super) fn type_of_turn(&mut self, head: &Expr) -> Option<Known> {
        if let Expr::MethodCall(call) = head
            && call.args.is_empty()
            && is_one_of(&call.method, &["iter", "iter_mut", "into_iter", "drain"])
        {
            let list = self.type_of(&call.receiver)?.innermost();
            if !list.is_one_of(MAPS) {
                return element(&list);
            }
        }
        let (whole, method) = match head {
            Expr::MethodCall(call) if call.args.is_empty() => (&*call.receiver, call.method.to_string()),
            other => (other, String::new()),
        };
        let map = match method.as_str() {
            "" | "iter" | "iter_mut" | "into_iter" | "keys" | "into_keys" | "values" | "values_mut" | "into_values" => {
                self.type_of(whole)?.innermost()
            }
            _ => return None,
        };
        if !map.is_one_of(MAPS) {
            return if method.is_empty() { element(&map) } else { None };
        }
        match method.as_str() {
            "keys" | "into_keys" => map.argument(0),
            "values" | "values_mut" | "into_values" => map.argument(1),
            _ => Some(Known { head: Head::Tuple, arguments: vec![map.argument(0), map.argument(1)] }),
        }
    }

    /// Notes what the probes need not ask of an expression of the workflow.
    pub(super) fn tell_probes(&mut self, node: &Expr) {
        let is_harmless: fn(&Known) -> bool = match node {
            Expr::MethodCall(call) if order::is_source(call) || call.method == "retain" => told::keeps_order,
            Expr::ForLoop(_) => told::is_ordered_head,
            _ => return,
        };
        if self.report().is_none() {
            return;
        }
        let known = match node {
            Expr::MethodCall(call) => self.type_of(&call.receiver),
            Expr::ForLoop(node) => self.type_of(&node.expr),
            _ => None,
        };
        if let (Some(known), Some(at), Some(report)) = (known, told_at(node), self.report()) {
            report.context.told.note(at, "", is_harmless(&known));
        }
    }

    /// What a closure gets that is handed to a method of an `Option`, or of an iterator over a list.
    pub(super) fn type_of_closure_input(&mut self, call: &ExprMethodCall) -> Option<Known> {
        let is_closure = call.args.last().is_some_and(|last| matches!(last, Expr::Closure(_)));
        let is_one_of = |names: &[&str]| is_one_of(&call.method, names);
        if !is_closure {
            return None;
        }
        if is_one_of(OF_OPTIONS)
            && let Some(known) = self.type_of(&call.receiver).filter(|known| known.is_one_of(&[OPTION, RESULT]))
        {
            return known.argument(0);
        }
        if is_one_of(OF_ITERATORS) { self.type_of_turn(&call.receiver) } else { None }
    }

    pub(super) fn is_address(&mut self, expr: &Expr) -> bool {
        self.type_of(expr).is_some_and(|known| known.head == Head::Pointer)
    }
}

/// The type that says more: what was written, or, where that is one of several, what was found.
pub(super) fn more_of(written: Option<Known>, found: Option<Known>) -> Option<Known> {
    let is_open = written.as_ref().is_none_or(|written| match &written.innermost().head {
        Head::Object(_) => true,
        _ => written.arguments.iter().any(Option::is_none),
    });
    let fits = found.as_ref().is_some_and(|found| {
        written.as_ref().is_none_or(|written| written.head == found.head || matches!(written.head, Head::Object(_)))
    });
    if is_open && fits { found } else { written }
}

fn element(known: &Known) -> Option<Known> {
    if known.head == Head::List || known.is_one_of(LISTS) { known.argument(0) } else { None }
}

fn pointer() -> Known {
    Known { head: Head::Pointer, arguments: Vec::new() }
}

/// What a method of an `Option` or a `Result` returns.
fn type_of_optional(known: &Known, method: &str) -> Option<Known> {
    if !known.is_one_of(&[OPTION, RESULT]) {
        return None;
    }
    match method {
        "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" => known.argument(0),
        "as_ref" | "as_mut" | "as_deref" | "cloned" | "copied" | "take" | "or" | "or_else" | "filter" => {
            Some(known.clone())
        }
        "ok" => Some(Known::foreign(OPTION, vec![known.argument(0)])),
        "ok_or" | "ok_or_else" | "map_err" => Some(Known::foreign(RESULT, vec![known.argument(0)])),
        _ => None,
    }
}

fn is_epoch(full: &[String]) -> bool {
    matches!(full.join("::").as_str(), "std::time::UNIX_EPOCH" | "std::time::SystemTime::UNIX_EPOCH")
}

fn type_of_literal(literal: &Lit) -> Option<Known> {
    let name = match literal {
        Lit::Str(_) => "str",
        Lit::Bool(_) => "bool",
        Lit::Char(_) => "char",
        Lit::Int(number) => number.suffix(),
        Lit::Float(number) => number.suffix(),
        _ => "",
    };
    (!name.is_empty()).then(|| Known::foreign(name, Vec::new()))
}
