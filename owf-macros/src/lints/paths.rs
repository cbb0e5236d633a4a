//! What the walk asks of a path: of a function that is called or named, of a static, of a constant.

use std::rc::Rc;

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprPath, FnArg, GenericArgument, PathArguments, Token, Type};

use super::bound::{bound_by_call, bound_by_result};
use super::conversions::is_making;
use super::deserialized::is_reading;
use super::helpers::Reason;
use super::walk::{Walk, written};
use super::{names, shared_state, strict, unsafe_code, unstable_id};
use crate::resolve::{
    Const, Fallback, Found, Generics, Head, Known, Marker, Method, Namespace, Own, OwnType, Static, StaticKind,
    segments,
};

/// The arguments of a call.
pub(super) type Arguments = Punctuated<Expr, Token![,]>;

/// What a path leads to, as far as the lints care.
pub(super) enum Target {
    /// Of another crate.
    Absolute(Vec<String>),
    Functions(Vec<Method>),
    Static(String, Rc<Static>),
    Const(Rc<Const>),
    Foreign(String),
    Nothing,
}

impl Walk<'_> {
    pub(super) fn path(&mut self, path: &ExprPath, arguments: Option<&Arguments>) {
        if let (Some(name), None) = (path.path.get_ident(), &path.qself)
            && self.mention(&name.to_string())
        {
            return;
        }
        let tokens = arguments.map(|arguments| arguments as &dyn ToTokens);
        match self.target(path, arguments) {
            Target::Absolute(full) => {
                let in_id = unstable_id::IN_IDS.iter().find(|name| self.is_id && full.join("::") == name.path);
                let known = in_id.map(|name| (&unstable_id::ABOUT, name));
                // `StdRng::from_os_rng` is the method of a trait, as a path.
                let method = || full.last().and_then(|last| names::find_method(last));
                if let Some(known) = known.or_else(|| names::find(&full, Namespace::Values)).or_else(method) {
                    self.listed(path, tokens, known, &full.join("::"));
                }
                self.made_by_path(path, &full);
                if is_reading(&full)
                    && let Some(known) =
                        turbofish(&path.path).last().and_then(|ty| self.scope.known(ty, &self.generics))
                {
                    self.deserialized(&known, path, tokens);
                }
            }
            // `Order::default()` that is derived
            Target::Functions(methods) if methods.is_empty() => self.derived_default(path),
            Target::Functions(methods) if methods.first().is_some_and(|method| method.function.is_workflow) => {
                arguments.into_iter().for_each(|arguments| self.workflow_called(&path.path, arguments));
            }
            Target::Functions(methods) => {
                let types = arguments.map_or_else(Vec::new, |arguments| self.types_of(arguments));
                arguments.into_iter().for_each(|arguments| self.arguments_made(&methods, arguments));
                let given = turbofish(&path.path);
                let methods = methods
                    .into_iter()
                    .map(|method| Method { generics: self.with_turbofish(&method, &given), ..method });
                self.functions(path, tokens, &methods.collect::<Vec<_>>(), &types);
            }
            Target::Static(name, item) => self.static_item(path, &name, &item),
            Target::Const(item) => {
                if let Some(reason) = self.value_reason(&item) {
                    let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                    self.found_reason(&reason, path, tokens, ("calls", &name));
                }
            }
            Target::Foreign(_) if self.is_unsafe => {}
            Target::Foreign(name) => {
                if !self.is_helper(&unsafe_code::ABOUT, || format!("calls `{name}`, a function of another language")) {
                    let what = format!("`{name}` is a function of another language");
                    self.found(&unsafe_code::ABOUT, path, tokens, &what, names::STEP);
                }
            }
            Target::Nothing => {}
        }
    }

    fn derived_default(&mut self, path: &ExprPath) {
        let is_default = path.path.segments.last().is_some_and(|last| last.ident == "default");
        if let Some(known) = self.scope.known_path(&owner_of(path), &self.generics).filter(|_| is_default) {
            self.made_by("Default", "default", &known, path);
            self.listed_default(&known, path);
        }
    }

    /// A derived `Default` makes fields of other crates' types, which the tables may know.
    fn listed_default(&mut self, known: &Known, path: &ExprPath) {
        let (mut types, mut seen) = (self.scope.parts(known, "Default"), Vec::new());
        while let Some(part) = types.pop() {
            if seen.contains(&part) {
                continue;
            }
            if let Head::Foreign(owner) = &part.head {
                let full: Vec<String> = owner.split("::").chain(["default"]).map(str::to_owned).collect();
                if let Some(name) = names::find(&full, Namespace::Values) {
                    return self.listed(path, None, name, &full.join("::"));
                }
            }
            types.extend(self.scope.parts(&part, "Default"));
            seen.push(part);
        }
    }

    /// `DateTime::<Local>::from`
    fn made_by_path(&mut self, path: &ExprPath, full: &[String]) {
        if is_making(full)
            && let Some(known) = self.scope.known_path(&owner_of(path), &self.generics)
        {
            self.listed_by_part(&known, path);
        }
    }

    /// What a path that is no variable leads to.
    pub(super) fn target(&mut self, path: &ExprPath, arguments: Option<&Arguments>) -> Target {
        let receiver = |walk: &mut Self| match arguments {
            Some(arguments) => walk.type_of(arguments.first()?),
            None => walk.closure_input.clone(),
        };
        if let Some(qself) = &path.qself {
            let Some(last) = path.path.segments.last() else { return Target::Nothing };
            return match self.scope.known(&qself.ty, &self.generics) {
                Some(known) => self.associated(&known, &last.ident.to_string()),
                None => Target::Nothing,
            };
        }
        let names = segments(&path.path);
        if let [first, name] = names.as_slice()
            && let Some(known) = self.generics.get(first)
        {
            return known.clone().map_or(Target::Nothing, |known| self.associated(&known, name));
        }
        // `Self::Clock::now`
        if let [first, within, name] = names.as_slice()
            && let Some(known) = self.generics.get(first)
        {
            let known = known.as_ref().and_then(|known| self.scope.type_within(known, within));
            return known.map_or(Target::Nothing, |known| self.associated(&known, name));
        }
        match self.scope.find(&names, Namespace::Values) {
            Found::Absolute(full) => Target::Absolute(full),
            Found::Own(Own::Function(function)) => {
                let mut functions = self.scope.alternatives(&function);
                functions.insert(0, function);
                Target::Functions(functions.into_iter().map(Method::of_function).collect())
            }
            Found::Own(Own::Static(item)) => Target::Static(names.last().cloned().unwrap_or_default(), item),
            Found::Own(Own::Const(item)) => Target::Const(item),
            Found::Own(Own::Foreign) => Target::Foreign(names.last().cloned().unwrap_or_default()),
            Found::Associated(owner, name) => {
                let is_trait = self.scope.shape(&owner).is_some_and(|shape| shape.is_trait);
                if !is_trait {
                    let known = self.written_owner(path, &owner).unwrap_or_else(|| Known::own(owner));
                    return self.associated(&known, &name);
                }
                // `Trait::method(&value)`, of whatever type that has the trait
                let known = receiver(self).unwrap_or(Known { head: Head::Object(owner), arguments: Vec::new() });
                Target::Functions(self.scope.methods(&known, &name))
            }
            _ => Target::Nothing,
        }
    }

    /// `Token<Sys>` in `Token::<Sys>::issue`, and behind an alias. What is not written is open, whatever its default.
    fn written_owner(&self, path: &ExprPath, owner: &OwnType) -> Option<Known> {
        let written = path.path.segments.iter().nth_back(1)?;
        let is_alias = written.ident != owner.name;
        let known = || self.scope.known_path(&owner_of(path), &self.generics);
        (is_alias || !written.arguments.is_none()).then(known)?.filter(|known| known.head == Head::Own(owner.clone()))
    }

    fn associated(&self, known: &Known, name: &str) -> Target {
        if let Some(item) = self.scope.associated_const(known, name) {
            return Target::Const(item);
        }
        let methods = self.scope.methods_of(known, name);
        match &known.head {
            Head::Foreign(full) if methods.is_empty() => {
                Target::Absolute(full.split("::").chain([name]).map(str::to_owned).collect())
            }
            _ => Target::Functions(methods),
        }
    }

    /// Functions of the file, of which one is meant.
    pub(super) fn functions(
        &mut self,
        at: &dyn ToTokens,
        arguments: Option<&dyn ToTokens>,
        methods: &[Method],
        types: &[Option<Known>],
    ) {
        let fitting = if methods.len() > 1 { self.fitting(methods, types) } else { Vec::new() };
        let methods = if fitting.is_empty() { methods } else { &fitting };
        let reasons: Vec<Option<Reason>> = methods.iter().map(|method| self.reason_of(method, types)).collect();
        let are_alternatives = methods.iter().any(|method| !method.function.conditions.is_empty());
        let sure = if reasons.iter().all(Option::is_some) { 1 } else { 0 };
        let count = if are_alternatives { reasons.len() } else { sure };
        let mut is_found = false;
        for (reason, method) in reasons.iter().zip(methods).filter(|(reason, _)| reason.is_some()).take(count) {
            // What comes out of a helper in a random order may be sorted here.
            let is_sorted = |reason: &Reason| self.is_sorted && reason.about.lint == super::Lint::HashIteration;
            if let Some(reason) = reason.as_ref().filter(|reason| !is_sorted(reason)) {
                is_found = true;
                self.found_reason(reason, at, arguments, ("calls", &method.function.name));
            }
        }
        let Some(Method { function, .. }) = methods.first() else { return };
        let is_strict = self.report().is_some_and(|report| report.context.is_strict);
        if is_strict && !is_found && !function.is_method && function.marker == Marker::None {
            let (what, help) = strict::advice(&function.name, function.is_async);
            self.found(&strict::ABOUT, at, arguments, &what, &help);
        }
    }

    /// Those of several that take what is given: `From<u32>`, and not `From<&str>`.
    fn fitting(&self, methods: &[Method], types: &[Option<Known>]) -> Vec<Method> {
        let fits = |method: &&Method| {
            let scope = self.scope.at_home(method.function.home);
            let mut inputs = method.function.sig.inputs.iter().zip(types);
            inputs.all(|(input, given)| match (input, given) {
                (FnArg::Typed(typed), Some(given)) => {
                    let declared = scope.known(&typed.ty, &method.generics);
                    declared.is_none_or(|declared| declared.is_open() || declared.may_be(given))
                }
                _ => true,
            })
        };
        methods.iter().filter(fits).cloned().collect()
    }

    pub(super) fn reason_of(&self, method: &Method, types: &[Option<Known>]) -> Option<Reason> {
        let sig = &method.function.sig;
        let mut generics = method.generics.clone();
        for (name, known) in bound_by_call(sig, &generics, types) {
            let given = generics.entry(name).or_insert(None);
            if given.is_none() {
                *given = known;
            }
        }
        self.helpers.reason(&method.function, generics, types.to_vec(), &self.scope)
    }

    /// The method with those of its type parameters that only its result tells; none if there are none.
    pub(super) fn told_by_result(&self, method: Method, result: &Known) -> Option<Method> {
        let told = bound_by_result(&method.function.sig, &method.generics, result);
        let told: Generics = told.into_iter().filter(|(_, known)| known.is_some()).collect();
        let generics = method.generics.iter().map(|(name, known)| (name.clone(), known.clone())).chain(told.clone());
        (!told.is_empty()).then(|| Method { generics: generics.collect(), ..method })
    }

    fn with_turbofish(&self, method: &Method, given: &[Type]) -> Generics {
        let names = crate::resolve::generics(&method.function.sig.generics);
        let given = names.into_iter().zip(given).map(|(name, ty)| (name, self.scope.known(ty, &self.generics)));
        method.generics.clone().into_iter().chain(given).collect()
    }

    fn static_item(&mut self, path: &ExprPath, name: &str, item: &Static) {
        if let Some(why) = self.scope.why_changing(item) {
            self.changing_static(path, &written(path), name, &why);
        } else if let StaticKind::Typed(typed) = &item.kind
            && let Some(reason) = self.value_reason(typed)
        {
            self.found_reason(&reason, path, None, ("calls", name));
        }
    }

    /// A static that others change.
    pub(super) fn changing_static(&mut self, at: &dyn ToTokens, written: &str, name: &str, why: &str) {
        if !self.is_helper(&shared_state::ABOUT, || format!("uses the static `{name}`, which is {why}")) {
            let what = match why.contains(" with ") {
                true => format!("`{written}`, {why}, belongs to the whole process"),
                false => format!("`{written}` is {why} of the whole process"),
            };
            let instead = shared_state::INSTEAD.replace("{id}", &name.to_lowercase().replace('_', "-"));
            self.found(&shared_state::ABOUT, at, None, &what, &instead);
        }
    }

    /// Why what a constant holds is not deterministic: it may be a function, or have one in it.
    fn value_reason(&self, item: &Const) -> Option<Reason> {
        if matches!(item.value, Expr::Lit(_)) {
            return None;
        }
        let _fallback = item.is_read.then(Fallback::enter);
        Walk::of_helper(self.scope.at_home(item.home), self.helpers, Generics::new()).expr_reason(&item.value)
    }
}

/// `Type` in `Type::function`.
pub(super) fn owner_of(path: &ExprPath) -> syn::Path {
    let mut owner = path.path.clone();
    owner.segments.pop();
    owner.segments.pop_punct();
    owner
}

/// The types in `function::<A, B>`.
fn turbofish(path: &syn::Path) -> Vec<Type> {
    let Some(last) = path.segments.last() else { return Vec::new() };
    let PathArguments::AngleBracketed(list) = &last.arguments else { return Vec::new() };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    types.collect()
}
