//! Which functions of the file a method call may mean.

use std::rc::Rc;

use super::types::{DEPTH_MAX, SHARED, bound};
use super::{FileScope, Found, Function, Generics, Head, Impl, Known, Namespace, OwnType};

/// A method of a type.
#[derive(Clone)]
pub(crate) struct Method {
    pub(crate) function: Rc<Function>,
    /// The type parameters of the `impl`, and `Self`.
    pub(crate) generics: Generics,
    /// The `impl` block that it is of.
    pub(crate) block: Option<Rc<Impl>>,
}

impl Method {
    pub(crate) fn of_function(function: Rc<Function>) -> Self {
        Method { function, generics: Generics::new(), block: None }
    }
}

impl FileScope {
    /// The methods `name` that a call on a `known` receiver may mean: several where the file does not tell which.
    pub(crate) fn methods(&self, known: &Known, name: &str) -> Vec<Method> {
        // Of a pointer that is shared, only the pointer is cloned.
        if !self.has_method(name) || (name == "clone" && known.is_one_of(SHARED)) {
            return Vec::new();
        }
        let seen = self.seen(known);
        let unsized_form = seen.last().and_then(Known::unsized_form);
        let methods = seen.into_iter().chain(unsized_form).map(|seen| self.methods_of(&seen, name));
        methods.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The methods of this name on a receiver of whatever type, if only traits of the file have it, and only for types that are not
    /// the file's own: `"text".load()`.
    pub(crate) fn extensions(&self, name: &str) -> Vec<Method> {
        let mut methods = Vec::new();
        for block in self.impls() {
            let of_trait = || self.default_method(&block, name);
            let Some(function) = block.methods.get(name).cloned().or_else(of_trait) else { continue };
            let generics: Generics = block.generics.iter().map(|name| (name.clone(), None)).collect();
            let is_foreign = |known: Known| !matches!(known.head, Head::Own(_) | Head::Object(_));
            let known = || self.at_home(block.home).known(&block.ty, &generics);
            if block.of_trait.is_none() || !(block.parameter().is_some() || known().is_some_and(is_foreign)) {
                return Vec::new();
            }
            methods.push(Method { function, generics, block: Some(block) });
        }
        methods
    }

    /// The type itself, and what a method call finds behind it, be it by a `Deref` of the file.
    pub(crate) fn seen(&self, known: &Known) -> Vec<Known> {
        std::iter::successors(Some(known.clone()), |known| self.behind(known)).take(DEPTH_MAX).collect()
    }

    /// The type that a method call finds at last.
    pub(crate) fn innermost(&self, known: &Known) -> Known {
        let all = std::iter::successors(self.behind(known), |known| self.behind(known));
        all.take(DEPTH_MAX - 1).last().unwrap_or_else(|| known.clone())
    }

    fn behind(&self, known: &Known) -> Option<Known> {
        known.seen_through().cloned().or_else(|| self.dereferenced(known))
    }

    pub(crate) fn dereferenced(&self, known: &Known) -> Option<Known> {
        if self.has_method("deref") { self.associated_type(known, "Deref", "Target") } else { None }
    }

    /// The type `name` of the trait that a type of the file implements.
    pub(crate) fn associated_type(&self, known: &Known, of_trait: &str, name: &str) -> Option<Known> {
        if !matches!(known.head, Head::Own(_)) {
            return None;
        }
        let block = self.impls_of(of_trait).into_iter().find(|block| self.is_for(block, known))?;
        self.at_home(block.home).known(block.types.get(name)?, &self.generics_of(&block, known))
    }

    /// The type `name` of whichever trait a type of the file has it for: `Self::Clock`.
    pub(crate) fn type_within(&self, known: &Known, name: &str) -> Option<Known> {
        let block =
            self.impls().into_iter().find(|block| block.types.contains_key(name) && self.is_for(block, known))?;
        self.at_home(block.home).known(block.types.get(name)?, &self.generics_of(&block, known))
    }

    /// The methods that a type of the file has for a trait of the standard library: several where the trait has an argument,
    /// `From<Source>`, which is not known.
    pub(crate) fn methods_of_trait(
        &self,
        known: &Known,
        of_trait: &str,
        name: &str,
        fits: impl Fn(Option<&Known>) -> bool,
    ) -> Vec<Method> {
        if !matches!(known.head, Head::Own(_)) {
            return Vec::new();
        }
        let blocks = self.impls_of(of_trait).into_iter().filter(|block| self.is_for(block, known));
        let methods = blocks.filter_map(|block| {
            let (function, generics) = (Rc::clone(block.methods.get(name)?), self.generics_of(&block, known));
            let argument = block.trait_argument.as_ref().map(|ty| self.at_home(block.home).known(ty, &generics));
            // That of an operator is `Self` if nothing is written.
            let argument = argument.unwrap_or_else(|| Some(known.clone()));
            fits(argument.as_ref()).then_some(Method { function, generics, block: Some(block) })
        });
        methods.collect()
    }

    /// The methods of a trait that types of other crates have for one of the file: `impl Mul<Money> for f64`.
    pub(crate) fn methods_with(
        &self,
        of_trait: &str,
        name: &str,
        argument: &Known,
        known: Option<&Known>,
    ) -> Vec<Method> {
        let methods = self.impls_of(of_trait).into_iter().filter_map(|block| {
            let (function, generics) = (Rc::clone(block.methods.get(name)?), Generics::new());
            let is_its = self.at_home(block.home).known(block.trait_argument.as_ref()?, &generics)?.may_be(argument);
            let is_for = known.is_none_or(|known| self.is_for(&block, known));
            (is_its && is_for).then_some(Method { function, generics, block: Some(block) })
        });
        methods.collect()
    }

    /// As [`FileScope::methods`], and of the type itself.
    pub(crate) fn methods_of(&self, known: &Known, name: &str) -> Vec<Method> {
        if let Head::Object(object) = &known.head {
            return self.methods_of_object(object, name);
        }
        let impls = self.impls_with(name).into_iter().filter(|block| self.is_for(block, known));
        let (inherent, of_traits): (Vec<_>, Vec<_>) = impls.partition(|block| block.of_trait.is_none());
        let found = if inherent.is_empty() { of_traits } else { inherent };
        if !found.is_empty() {
            let method = |block: Rc<Impl>| {
                let function = Rc::clone(block.methods.get(name)?);
                Some(Method { function, generics: self.generics_of(&block, known), block: Some(block) })
            };
            return found.into_iter().filter_map(method).collect();
        }
        if !self.all_items().iter().any(|items| items.trait_methods.contains(name)) {
            return Vec::new();
        }
        let impls = self.impls().into_iter().filter(|block| block.of_trait.is_some() && self.is_for(block, known));
        let generics: Generics = [("Self".to_owned(), Some(known.clone()))].into();
        let defaults = impls.filter_map(|block| self.default_method(&block, name));
        defaults.map(|function| Method { function, generics: generics.clone(), block: None }).collect()
    }

    /// An associated constant of a type of the file.
    pub(crate) fn associated_const(&self, known: &Known, name: &str) -> Option<Rc<super::Const>> {
        let block =
            self.impls().into_iter().find(|block| block.consts.contains_key(name) && self.is_for(block, known))?;
        block.consts.get(name).cloned()
    }

    /// Whether the place is within `#[cfg(test)]`.
    fn is_of_tests(&self) -> bool {
        let module = self.files.as_ref().and_then(|files| files.module(self.module));
        module.is_some_and(|module| module.items.is_of_tests)
    }

    /// Whether any type or trait of the file has a method of this name.
    pub(crate) fn has_method(&self, name: &str) -> bool {
        self.blocks.iter().any(|items| items.has_method(name))
            || self.files.as_ref().is_some_and(|files| files.has_method(name))
    }

    /// As [`has_method`](FileScope::has_method), of those files as well that no name has led to.
    pub(crate) fn may_have_method(&self, name: &str) -> bool {
        self.has_method(name) || self.files.as_ref().is_some_and(|files| files.has_unread())
    }

    fn impls(&self) -> Vec<Rc<Impl>> {
        self.all_items().iter().flat_map(|items| items.impls.iter().cloned()).collect()
    }

    fn impls_with(&self, method: &str) -> Vec<Rc<Impl>> {
        self.all_items().iter().filter_map(|items| items.impls_with.get(method)).flatten().cloned().collect()
    }

    /// Those of a trait of this name.
    fn impls_of(&self, of_trait: &str) -> Vec<Rc<Impl>> {
        self.all_items().iter().filter_map(|items| items.impls_of.get(of_trait)).flatten().cloned().collect()
    }

    /// Whether the block is one for the type.
    fn is_for(&self, block: &Impl, known: &Known) -> bool {
        // `impl Wrap<u32>` is none for a `Wrap<String>`.
        let is_it = |ty: &Known| {
            let mut pairs = ty.arguments.iter().zip(&known.arguments);
            ty.head == known.head
                && !pairs.any(|(one, other)| matches!((one, other), (Some(one), Some(other)) if one != other))
        };
        match block.known.get() {
            Some(Some(ty)) => is_it(ty),
            Some(None) => block.parameter().is_some(),
            None => block.parameter().is_some() || self.type_of_block(block).as_ref().is_some_and(is_it),
        }
    }

    /// The type that a block is for.
    fn type_of_block(&self, block: &Impl) -> Option<Known> {
        self.remembered(&block.known, block.home, || {
            let generics: Generics = block.generics.iter().map(|name| (name.clone(), None)).collect();
            self.at_home(block.home).known(&block.ty, &generics)
        })
    }

    fn generics_of(&self, block: &Impl, known: &Known) -> Generics {
        let names: Vec<String> = match &block.ty {
            syn::Type::Path(path) => match path.path.segments.last().map(|last| &last.arguments) {
                Some(syn::PathArguments::AngleBracketed(list)) => list
                    .args
                    .iter()
                    .filter_map(|argument| match argument {
                        syn::GenericArgument::Type(syn::Type::Path(path)) => {
                            Some(path.path.get_ident().map(ToString::to_string).unwrap_or_default())
                        }
                        syn::GenericArgument::Type(_) => Some(String::new()),
                        _ => None,
                    })
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let mut generics: Generics = block.generics.iter().map(|name| (name.clone(), None)).collect();
        if let Some(parameter) = block.parameter() {
            generics.insert(parameter, Some(known.clone()));
        }
        for (name, known) in bound(&names, known) {
            if name == "Self" || block.generics.contains(&name) {
                generics.insert(name, known);
            }
        }
        generics
    }

    /// The method that the trait of an `impl` block has for types that have none of their own.
    fn default_method(&self, block: &Impl, name: &str) -> Option<Rc<Function>> {
        let Found::Type(own) = self.at_home(block.home).find(block.of_trait.as_ref()?, Namespace::Values) else {
            return None;
        };
        self.shape(&own)?.methods.get(name).cloned()
    }

    /// The methods of all types that may be behind a `dyn Trait`.
    fn methods_of_object(&self, object: &OwnType, name: &str) -> Vec<Method> {
        let is_of_trait = |block: &&Rc<Impl>| {
            block.of_trait.as_ref().is_some_and(|path| {
                let found = self.at_home(block.home).find(path, Namespace::Values);
                matches!(found, Found::Type(own) if own == *object)
            })
        };
        let impls = self.impls();
        // What is there for tests only is behind no object but theirs.
        let is_test = self.is_of_tests();
        let blocks = impls.iter().filter(|block| is_test || !block.is_of_tests).filter(is_of_trait);
        let function = |block: &Rc<Impl>| {
            let own = block.methods.get(name).cloned();
            let function = own.or_else(|| self.default_method(block, name))?;
            let generics: Generics = block.generics.iter().map(|name| (name.clone(), None)).collect();
            let this = self.at_home(block.home).known(&block.ty, &generics);
            Some(Method {
                function,
                generics: [generics, [("Self".to_owned(), this)].into()].into_iter().flatten().collect(),
                block: Some(Rc::clone(block)),
            })
        };
        blocks.filter_map(function).collect()
    }
}

impl Impl {
    /// The type parameter that the block is for: `impl<T: Bound> Trait for T`.
    fn parameter(&self) -> Option<String> {
        let syn::Type::Path(path) = &self.ty else { return None };
        let name = path.path.get_ident()?.to_string();
        self.generics.contains(&name).then_some(name)
    }
}
