//! What type an expression has, as far as the types tell that are written in the file.
//!
//! Types tell whose method a call means, and what is iterated. In the body of a workflow the type probes know more; this
//! goes into helpers, too. Where the file leaves a doubt, nothing is known.

use syn::{Expr, ExprCall, ExprMethodCall, Lit, Member, ReturnType};

use super::bound::bound_by_call;
use super::conversions::is_result;
use super::helpers::has_open_part;
use super::operations::type_of_wait;
use super::paths::{Arguments, Target};
use super::patterns::more_of;
use super::steps::is_operation;
use super::walk::Walk;
use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::idents::is_one_of;
use crate::probes::{order, told, told_at};
use crate::resolve::{Fallback, Found, Generics, Head, Known, Method, Namespace, StaticKind, segments};

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

const LOCKS: &[&str] = &["std::sync::Mutex", "std::sync::RwLock"];
const PATHS: &[&str] = &["std::path::Path", "std::path::PathBuf"];
pub(super) const MAPS: &[&str] =
    &["std::collections::BTreeMap", "std::collections::HashMap", "ahash::AHashMap", "hashbrown::HashMap"];
pub(super) const LISTS: &[&str] = &["std::collections::VecDeque", "std::vec::Vec"];
pub(super) const ENTRY: &str = "std::collections::btree_map::Entry";
/// An iterator over a list.
const ITERATOR: &str = "std::slice::Iter";
const RANGE: &str = "std::ops::Range";
pub(super) const OPTION: &str = "std::option::Option";
pub(super) const RESULT: &str = "std::result::Result";

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
            Expr::Struct(made) => {
                let known = self.type_of_made(&segments(&made.path))?;
                Some(self.with_fields(
                    known,
                    &made.fields.iter().map(|field| (name_of(&field.member), &field.expr)).collect::<Vec<_>>(),
                ))
            }
            Expr::Call(call) => self.type_of_call(call),
            Expr::MethodCall(call) => self.type_of_method_call(call),
            Expr::Field(field) => {
                let base = self.type_of(&field.base)?;
                let is_end = || matches!(name_of(&field.member).as_str(), "start" | "end");
                if base.is(RANGE) && is_end() {
                    return base.argument(0);
                }
                self.scope.field(&base, &name_of(&field.member))
            }
            Expr::Index(index) => {
                let base = self.innermost_of(&index.expr)?;
                if base.is_one_of(MAPS) { base.argument(1) } else { element(&base) }
            }
            Expr::Reference(reference) => self.type_of(&reference.expr),
            Expr::Paren(paren) => self.type_of(&paren.expr),
            Expr::Group(group) => self.type_of(&group.expr),
            Expr::Await(node) => self.type_of_awaited(&node.base),
            Expr::Try(node) => {
                self.type_of(&node.expr).filter(|known| known.is(OPTION) || is_result(known))?.argument(0)
            }
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                let known = self.type_of(&unary.expr)?;
                Some(known.seen_through().cloned().or_else(|| self.scope.dereferenced(&known)).unwrap_or(known))
            }
            Expr::Cast(cast) => self.scope.known(&cast.ty, &self.generics),
            Expr::RawAddr(_) => Some(pointer()),
            Expr::Tuple(tuple) => {
                let arguments = tuple.elems.iter().map(|elem| self.type_of(elem)).collect();
                Some(Known { head: Head::Tuple, arguments })
            }
            Expr::Array(array) => {
                let element = self.type_of_one(&array.elems);
                Some(Known { head: Head::List, arguments: vec![element] })
            }
            Expr::Lit(literal) => type_of_literal(&literal.lit),
            Expr::Range(range) => {
                let end = range.start.as_ref().or(range.end.as_ref()).and_then(|end| self.type_of(end));
                Some(Known::foreign(RANGE, vec![end]))
            }
            Expr::If(node) => {
                let otherwise = node.else_branch.as_ref().and_then(|(_, otherwise)| self.type_of(otherwise));
                Known::one_of([self.type_of_block(&node.then_branch), otherwise])
            }
            Expr::Match(node) => {
                let arms: Vec<_> = node.arms.iter().map(|arm| self.type_of(&arm.body)).collect();
                Known::one_of(arms)
            }
            Expr::Block(node) if node.label.is_none() => self.type_of_block(&node.block),
            Expr::Async(node) => self.type_of_block(&node.block),
            Expr::Macro(call) => self.type_of_macro(&call.mac),
            _ => None,
        }
    }

    /// The type of one of several values. That of a number is told by the first.
    fn type_of_one<'e>(&mut self, values: impl IntoIterator<Item = &'e Expr>) -> Option<Known> {
        let mut values = values.into_iter();
        let first = values.next().and_then(|first| self.type_of(first))?;
        if matches!(first.innermost().head, Head::Own(_)) {
            let others: Vec<_> = values.map(|value| self.type_of(value)).collect();
            return Known::one_of(std::iter::once(Some(first)).chain(others));
        }
        Some(first)
    }

    /// The type that a method which is called on the expression finds at last.
    pub(super) fn innermost_of(&mut self, expr: &Expr) -> Option<Known> {
        let known = self.type_of(expr)?;
        Some(self.scope.innermost(&known))
    }

    fn type_of_macro(&mut self, call: &syn::Macro) -> Option<Known> {
        match macros::name(call).as_str() {
            "step" if macros::kind(call) == Kind::Step => self.type_of_step(call),
            "join" if macros::kind(call) == Kind::Join => self.type_of_join(call),
            "format" => Some(Known::foreign("std::string::String", Vec::new())),
            "addr_of" | "addr_of_mut" => Some(pointer()),
            "vec" => {
                let arguments = reading::arguments(call)?;
                let element = self.type_of_one(&arguments.exprs);
                Some(Known::foreign("std::vec::Vec", vec![element]))
            }
            _ => self.type_of_expansion(call),
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
    pub(super) fn type_of_made(&self, names: &[String]) -> Option<Known> {
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
                    let fields: Vec<_> =
                        call.args.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect();
                    return Some(self.with_fields(made, &fields));
                }
                match names.last().map(String::as_str) {
                    Some("Some") if names.len() == 1 => Some(Known::foreign(OPTION, vec![first(self)])),
                    Some("Ok") if names.len() == 1 => Some(Known::foreign(RESULT, vec![first(self)])),
                    Some("Err") if names.len() == 1 => Some(Known::foreign(RESULT, vec![None, first(self)])),
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
        if is_operation(full) {
            return self.type_of_operation(name, call);
        }
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
            let known = self.scope.known(ty, &self.generics)?;
            return Some(self.with_collected(known, call));
        }
        let Some(receiver) = self.type_of(&call.receiver) else {
            // Whatever it is of, it gives a pointer.
            let is_pointer = matches!(name.as_str(), "as_ptr" | "as_mut_ptr") && !self.scope.has_method(&name);
            return if is_pointer { Some(pointer()) } else { self.type_of_one_turn(&name, call) };
        };
        let methods = self.scope.methods(&receiver, &name);
        if !methods.is_empty() {
            let types: Vec<_> = std::iter::once(Some(receiver)).chain(self.types_of(&call.args)).collect();
            return self.type_of_result(&methods, &types);
        }
        let innermost = self.scope.innermost(&receiver);
        if (innermost.is_hash_ordered() && order::is_source(call))
            || (innermost.is_hash_iterator() && order::is_iterator(call))
        {
            return Some(Known::hash_iterator());
        }
        match name.as_str() {
            "clone" | "to_owned" if matches!(receiver.head, Head::Own(_) | Head::Foreign(_)) => Some(receiver),
            "to_string" => Some(Known::foreign("std::string::String", Vec::new())),
            "as_ptr" | "as_mut_ptr" if matches!(innermost.head, Head::Foreign(_) | Head::List) => Some(pointer()),
            "join" | "to_path_buf" | "with_extension" | "with_file_name" if innermost.is_one_of(PATHS) => {
                Some(Known::foreign("std::path::PathBuf", Vec::new()))
            }
            "as_path" | "as_ref" if innermost.is_one_of(PATHS) => Some(innermost),
            "parent" if innermost.is_one_of(PATHS) => Some(Known::foreign(OPTION, vec![Some(innermost)])),
            "lock" | "read" | "write" if innermost.is_one_of(LOCKS) => {
                Some(Known::foreign(RESULT, innermost.arguments))
            }
            "borrow" | "borrow_mut" if innermost.is("std::cell::RefCell") => innermost.argument(0),
            "entry" if innermost.is_one_of(MAPS) => Some(Known::foreign(ENTRY, vec![innermost.argument(1)])),
            "or_default" | "or_insert" | "or_insert_with" if innermost.is(ENTRY) => innermost.argument(0),
            "as_ptr_range" | "as_mut_ptr_range" => Some(Known::foreign(RANGE, vec![Some(pointer())])),
            "get" | "get_mut" | "remove" if innermost.is_one_of(MAPS) => {
                Some(Known::foreign(OPTION, vec![innermost.argument(1)]))
            }
            "get" | "get_mut" | "first" | "last" | "pop" => {
                Some(Known::foreign(OPTION, vec![Some(element(&innermost)?)]))
            }
            "as_slice" | "as_mut_slice" if element(&innermost).is_some() => Some(innermost),
            "drain" | "into_iter" | "iter" | "iter_mut"
                if innermost.is_one_of(LISTS) || innermost.head == Head::List =>
            {
                Some(Known::foreign(ITERATOR, vec![element(&innermost)]))
            }
            _ if innermost.is(OPTION) || is_result(&innermost) => self.type_of_optional(&innermost, &name, call),
            _ if innermost.is(ITERATOR) => self.type_of_one_turn(&name, call),
            _ => type_of_wait(&innermost, &name),
        }
    }

    /// What a function of the file returns, if its signature says so.
    pub(super) fn type_of_result(&mut self, methods: &[Method], types: &[Option<Known>]) -> Option<Known> {
        let [Method { function, generics, block }] = methods else { return None };
        let ReturnType::Type(_, ty) = &function.sig.output else { return None };
        if is_some_iterator(ty) {
            return self.type_of_tail(&methods[0], types);
        }
        if has_open_part(ty) {
            let written = self.scope.returned(function, ty, generics);
            return more_of(written, self.type_of_tail(&methods[0], types));
        }
        let mut generics = generics.clone();
        for (name, known) in bound_by_call(&function.sig, &generics, types) {
            let given = generics.entry(name).or_insert(None);
            *given = given.take().or(known);
        }
        // `Self` is what the arguments make of the `impl`'s type.
        if let Some(block) = block.as_ref().filter(|block| !block.generics.is_empty())
            && let Some(this) = self.scope.at_home(block.home).known(&block.ty, &generics)
        {
            generics.insert("Self".to_owned(), Some(this));
        }
        let known = self.scope.returned(function, ty, &generics)?;
        Some(self.with_tail(known, &methods[0], types))
    }

    /// What a function returns whose signature only says that it is an iterator: by its last expression.
    pub(super) fn type_of_tail(&self, method: &Method, types: &[Option<Known>]) -> Option<Known> {
        let function = &method.function;
        let _depth = self.helpers.deeper()?;
        let _fallback = function.is_read.then(Fallback::enter);
        let scope = self.scope.at_home(function.home);
        let body = scope.body(function)?;
        let walk = Walk::of_helper(scope, self.helpers, method.generics.clone());
        walk.tail_type(&function.sig, &body, types)
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

    pub(super) fn is_address(&mut self, expr: &Expr) -> bool {
        self.type_of(expr).is_some_and(|known| known.head == Head::Pointer)
    }
}

/// `impl Iterator<..>` and `Box<dyn Iterator<..>>`
fn is_some_iterator(ty: &syn::Type) -> bool {
    use syn::{GenericArgument, PathArguments, Type, TypeParamBound};
    let is_iterator = |bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>| {
        bounds.iter().any(|bound| matches!(bound, TypeParamBound::Trait(bound)
            if bound.path.segments.last().is_some_and(|last| is_one_of(&last.ident, &["Iterator", "DoubleEndedIterator"]))))
    };
    match ty {
        Type::ImplTrait(node) => is_iterator(&node.bounds),
        Type::TraitObject(node) => is_iterator(&node.bounds),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &last.arguments {
            PathArguments::AngleBracketed(list) if last.ident == "Box" => {
                list.args.iter().any(|argument| matches!(argument, GenericArgument::Type(ty) if is_some_iterator(ty)))
            }
            _ => false,
        }),
        _ => false,
    }
}

pub(super) fn name_of(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

pub(super) fn element(known: &Known) -> Option<Known> {
    if known.head == Head::List || known.is_one_of(LISTS) || known.is_one_of(&[ITERATOR, OPTION, RESULT]) {
        known.argument(0)
    } else {
        None
    }
}

fn pointer() -> Known {
    Known { head: Head::Pointer, arguments: Vec::new() }
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
