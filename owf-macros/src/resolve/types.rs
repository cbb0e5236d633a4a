//! What type a type's name stands for, as far as the file tells.
//!
//! References are left out, as a method call sees through them. What is not known is `None`: nothing is guessed.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use syn::{GenericArgument, Path, PathArguments, Type, TypeParamBound};

use super::{Alias, Field, FileScope, Found, Function, Home, Namespace, Shape, segments};

/// A type, as far as the file tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Known {
    pub(crate) head: Head,
    pub(crate) arguments: Vec<Option<Known>>,
}

/// A type without its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Head {
    /// Of this file.
    Own(OwnType),
    /// Of the standard library or of another crate, by its path.
    Foreign(Rc<str>),
    /// `dyn Trait` of a trait of this file.
    Object(OwnType),
    Tuple,
    /// Of the arguments, where the code decides.
    OneOf,
    /// An array or a slice.
    List,
    Pointer,
    Function,
}

/// A type or trait of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OwnType {
    pub(crate) home: Home,
    pub(crate) name: String,
}

/// The type parameters in scope, and `Self`, with the types that they stand for.
pub(crate) type Generics = BTreeMap<String, Option<Known>>;

/// Types of the standard library that may come with a glob.
const STD: &[&str] = &[
    "std::collections::BTreeMap",
    "std::collections::BTreeSet",
    "std::collections::BinaryHeap",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::collections::VecDeque",
    "std::collections::hash_map::HashMap",
    "std::collections::hash_set::HashSet",
    "std::path::Path",
    "std::path::PathBuf",
    "std::rc::Rc",
    "std::sync::Arc",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// Names of the runtime that come with its prelude.
const OURS: &[&str] = &[
    "owf_runtime::WorkflowError",
    "owf_runtime::WorkflowResult",
    "owf_runtime::cleanup",
    "owf_runtime::run_id",
    "owf_runtime::set_details",
];

/// Types that everybody has without a `use`.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "std::boxed::Box"),
    ("Option", "std::option::Option"),
    ("Result", "std::result::Result"),
    ("String", "std::string::String"),
    ("Vec", "std::vec::Vec"),
];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

/// Types that a method call sees through.
const SEEN_THROUGH: &[&str] = &[
    "std::boxed::Box",
    "std::borrow::Cow",
    "std::cell::Ref",
    "std::cell::RefMut",
    "std::pin::Pin",
    "std::rc::Rc",
    "std::sync::Arc",
    "std::sync::MutexGuard",
    "std::sync::RwLockReadGuard",
    "std::sync::RwLockWriteGuard",
];

/// Pointers that are cloned without what they point to.
pub(super) const SHARED: &[&str] = &["std::rc::Rc", "std::sync::Arc"];

/// Maps and sets in the order of a hasher, be it random or fixed.
const HASHED: &[&str] = &["std::collections::HashMap", "std::collections::HashSet"];

/// Those of other crates which are types of their own.
const HASHED_ELSEWHERE: &[&str] = &[
    "ahash::AHashMap",
    "ahash::AHashSet",
    "dashmap::DashMap",
    "dashmap::DashSet",
    "hashbrown::HashMap",
    "hashbrown::HashSet",
];

/// Other names of types.
const ALIASES: &[(&str, &str)] = &[
    ("fnv::FnvHashMap", "std::collections::HashMap"),
    ("fnv::FnvHashSet", "std::collections::HashSet"),
    ("fxhash::FxHashMap", "std::collections::HashMap"),
    ("fxhash::FxHashSet", "std::collections::HashSet"),
    ("hashbrown::hash_map::HashMap", "hashbrown::HashMap"),
    ("hashbrown::hash_set::HashSet", "hashbrown::HashSet"),
    ("rustc_hash::FxHashMap", "std::collections::HashMap"),
    ("rustc_hash::FxHashSet", "std::collections::HashSet"),
    ("std::collections::hash_map::HashMap", "std::collections::HashMap"),
    ("std::collections::hash_set::HashSet", "std::collections::HashSet"),
];

/// The iterators over these.
const HASH_ITERATORS: &[&str] =
    &["Drain", "IntoIter", "IntoKeys", "IntoValues", "Iter", "IterMut", "Keys", "Values", "ValuesMut"];

/// What an iterator over one of these is taken for, whichever it is.
const HASH_ITERATOR: &str = "std::collections::hash_map::Iter";

/// How deep types are looked into.
pub(super) const DEPTH_MAX: usize = 8;

/// Whether a glob brings a type that is known.
pub(super) fn is_listed(path: &[String]) -> bool {
    let full = path.join("::");
    STD.contains(&full.as_str())
        || OURS.contains(&full.as_str())
        || crate::lints::is_operation(path)
        || (full.starts_with("std::sync::atomic::Atomic") && path.len() == 4)
}

impl Known {
    pub(crate) fn foreign(path: &str, arguments: Vec<Option<Known>>) -> Self {
        Known { head: Head::Foreign(path.into()), arguments }
    }

    pub(crate) fn own(own: OwnType) -> Self {
        Known { head: Head::Own(own), arguments: Vec::new() }
    }

    pub(crate) fn is(&self, path: &str) -> bool {
        matches!(&self.head, Head::Foreign(known) if **known == *path)
    }

    pub(crate) fn is_one_of(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.is(path))
    }

    pub(crate) fn argument(&self, at: usize) -> Option<Known> {
        self.arguments.get(at).cloned().flatten()
    }

    /// What a method call finds behind it.
    pub(crate) fn seen_through(&self) -> Option<&Known> {
        if self.is_one_of(SEEN_THROUGH) { self.arguments.first()?.as_ref() } else { None }
    }

    /// The type that a method call finds at last.
    pub(crate) fn innermost(&self) -> &Known {
        let mut innermost = self;
        while let Some(seen) = innermost.seen_through() {
            innermost = seen;
        }
        innermost
    }

    /// What a method call finds behind a type that owns what it has: `[T]` behind a `Vec<T>`.
    pub(crate) fn unsized_form(&self) -> Option<Known> {
        let Head::Foreign(path) = &self.head else { return None };
        match &**path {
            "std::vec::Vec" => Some(Known { head: Head::List, arguments: self.arguments.clone() }),
            "std::string::String" => Some(Known::foreign("str", Vec::new())),
            "std::path::PathBuf" => Some(Known::foreign("std::path::Path", Vec::new())),
            _ => None,
        }
    }

    /// What it may be, where that is one of several.
    pub(crate) fn alternatives(&self) -> Vec<Known> {
        match self.head {
            Head::OneOf => self.arguments.iter().flatten().cloned().collect(),
            _ => vec![self.clone()],
        }
    }

    /// The type of a value that is one of several.
    pub(crate) fn one_of(types: impl IntoIterator<Item = Option<Known>>) -> Option<Known> {
        let mut several: Vec<Known> = Vec::new();
        for known in types.into_iter().flatten().flat_map(|known| known.alternatives()) {
            match several.iter_mut().find(|other| other.may_be(&known)) {
                Some(other) => other.learn(&known),
                None => several.push(known),
            }
        }
        if several.len() > 1 {
            return Some(Known { head: Head::OneOf, arguments: several.into_iter().map(Some).collect() });
        }
        several.pop()
    }

    /// Whether two types differ in nothing but in what is not known of them.
    pub(crate) fn may_be(&self, other: &Known) -> bool {
        let mut pairs = self.arguments.iter().zip(&other.arguments);
        let may_be = |(one, other): (&Option<Known>, &Option<Known>)| match (one, other) {
            (Some(one), Some(other)) => one.may_be(other),
            _ => true,
        };
        self.head == other.head && pairs.all(may_be)
    }

    /// Takes over what another type says more.
    pub(crate) fn learn(&mut self, other: &Known) {
        self.arguments.resize(self.arguments.len().max(other.arguments.len()), None);
        for (one, other) in self.arguments.iter_mut().zip(&other.arguments) {
            match (one, other) {
                (Some(one), Some(other)) => one.learn(other),
                (one, other) => *one = one.take().or_else(|| other.clone()),
            }
        }
    }

    /// Whether it is a `dyn Trait`, or has one in it, or something that is not known.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.head, Head::Object(_))
            || self.arguments.iter().any(|argument| argument.as_ref().is_none_or(Known::is_open))
    }

    /// Whether it is a map or set in the order of its hasher.
    pub(crate) fn is_hash_ordered(&self) -> bool {
        self.is_one_of(HASHED) || self.is_one_of(HASHED_ELSEWHERE)
    }

    /// An iterator in the order of a hasher.
    pub(crate) fn hash_iterator() -> Self {
        Known::foreign(HASH_ITERATOR, Vec::new())
    }

    pub(crate) fn is_hash_iterator(&self) -> bool {
        self.is(HASH_ITERATOR)
    }

    /// Whether it is one of another crate, whose iterators are none of the standard library's.
    pub(crate) fn is_hashed_elsewhere(&self) -> bool {
        self.is_one_of(HASHED_ELSEWHERE)
    }
}

impl FileScope {
    /// The type that `ty` stands for.
    pub(crate) fn known(&self, ty: &Type, generics: &Generics) -> Option<Known> {
        match ty {
            Type::Reference(reference) => self.known(&reference.elem, generics),
            Type::Paren(paren) => self.known(&paren.elem, generics),
            Type::Group(group) => self.known(&group.elem, generics),
            Type::Tuple(tuple) => {
                let arguments = tuple.elems.iter().map(|elem| self.known(elem, generics)).collect();
                Some(Known { head: Head::Tuple, arguments })
            }
            Type::Array(array) => Some(Known { head: Head::List, arguments: vec![self.known(&array.elem, generics)] }),
            Type::Slice(slice) => Some(Known { head: Head::List, arguments: vec![self.known(&slice.elem, generics)] }),
            Type::Ptr(_) => Some(Known { head: Head::Pointer, arguments: Vec::new() }),
            Type::FnPtr(_) => Some(Known { head: Head::Function, arguments: Vec::new() }),
            Type::TraitObject(object) => {
                let bound = object.bounds.iter().find_map(|bound| match bound {
                    TypeParamBound::Trait(bound) => Some(&bound.path),
                    _ => None,
                })?;
                match self.find(&segments(bound), Namespace::Values) {
                    Found::Type(own) => Some(Known { head: Head::Object(own), arguments: Vec::new() }),
                    _ => None,
                }
            }
            Type::Path(path) if path.qself.is_none() => self.known_path(&path.path, generics),
            _ => None,
        }
    }

    /// The type that a path stands for.
    pub(crate) fn known_path(&self, path: &Path, generics: &Generics) -> Option<Known> {
        let names = segments(path);
        if let [name] = names.as_slice()
            && let Some(known) = generics.get(name)
        {
            return known.clone();
        }
        let head = match self.find(&names, Namespace::Types) {
            Found::Alias(alias) => return self.known_alias(&alias, path, generics),
            Found::Type(own) => Head::Own(own),
            Found::Absolute(full) => Head::Foreign(canonical(&full).into()),
            Found::Unknown => Head::Foreign(known_by_all(&names)?.into()),
            _ => return None,
        };
        let mut arguments = self.known_arguments(path, generics);
        if let Head::Own(own) = &head
            && let Some(shape) = self.shape(own).filter(|shape| shape.defaults.iter().any(Option::is_some))
        {
            let scope = self.at_home(own.home);
            let defaults = shape.defaults.iter().skip(arguments.len());
            arguments
                .extend(defaults.map(|default| scope.known(default.as_ref()?, &Generics::new())).collect::<Vec<_>>());
        }
        Some(Known { head, arguments })
    }

    fn known_arguments(&self, path: &Path, generics: &Generics) -> Vec<Option<Known>> {
        match path.segments.last().map(|last| &last.arguments) {
            Some(PathArguments::AngleBracketed(list)) => list
                .args
                .iter()
                .filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(self.known(ty, generics)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The type that an alias stands for, with the arguments that it is given.
    fn known_alias(&self, alias: &Alias, path: &Path, generics: &Generics) -> Option<Known> {
        let given = self.known_arguments(path, generics).into_iter().chain(std::iter::repeat(None));
        let given: Generics = alias.generics.iter().cloned().zip(given).collect();
        // An alias of itself is rustc's to report.
        let scope = FileScope { aliases: self.aliases + 1, ..self.at_home(alias.home) };
        (scope.aliases <= DEPTH_MAX).then(|| scope.known(&alias.ty, &given)).flatten()
    }

    /// The type of a field.
    pub(crate) fn field(&self, of: &Known, name: &str) -> Option<Known> {
        self.seen(of).iter().find_map(|known| match &known.head {
            Head::Tuple => known.argument(name.parse().ok()?),
            Head::Own(own) => {
                let shape = self.shape(own)?;
                let (at, field) = shape.fields.iter().enumerate().find(|(_, field)| field.name == name)?;
                // What is in this very one stands behind the arguments.
                let found = known.argument(shape.generics.len() + at);
                found.or_else(|| self.type_of_field(field, &shape, own, known))
            }
            _ => None,
        })
    }

    fn type_of_field(&self, field: &Field, shape: &Shape, own: &OwnType, known: &Known) -> Option<Known> {
        let find = || self.at_home(own.home).known(&field.ty, &bound(&shape.generics, known));
        if shape.generics.is_empty() { self.remembered(&field.known, own.home, find) } else { find() }
    }

    /// What a function returns whose signature has the type `ty`.
    pub(crate) fn returned(&self, function: &Function, ty: &Type, generics: &Generics) -> Option<Known> {
        let find = || self.at_home(function.home).known(ty, generics);
        if generics.is_empty() { self.remembered(&function.returned, function.home, find) } else { find() }
    }

    /// What a type at `home` stands for, for all who ask after it. What the names of a file stand for stays, once it is not cut short
    /// by aliases of aliases; those of a function's body hide each other.
    pub(super) fn remembered(
        &self,
        place: &OnceCell<Option<Known>>,
        home: Home,
        find: impl FnOnce() -> Option<Known>,
    ) -> Option<Known> {
        if let Some(known) = place.get() {
            return known.clone();
        }
        let known = find();
        if home != Home::Block && self.aliases == 0 {
            // Whoever was asked meanwhile has found the same.
            let _ = place.set(known.clone());
        }
        known
    }

    /// The types within one whose own methods a trait calls that is derived for it, or that the standard library has for it.
    pub(crate) fn parts(&self, known: &Known, trait_name: &str) -> Vec<Known> {
        let all = || known.arguments.iter().flatten().cloned().collect();
        match &known.head {
            Head::Own(own) => {
                // Fields are dropped without being asked.
                let has = |shape: &Shape| trait_name == "Drop" || shape.derives.iter().any(|name| name == trait_name);
                let Some(shape) = self.shape(own).filter(|shape| has(shape) && !shape.is_enum) else {
                    return Vec::new();
                };
                shape.fields.iter().filter_map(|field| self.type_of_field(field, &shape, own, known)).collect()
            }
            Head::Tuple | Head::List | Head::OneOf => all(),
            Head::Foreign(path) => match trait_name {
                "Clone" if known.is_one_of(SHARED) => Vec::new(),
                "Default" | "Deref" | "Display" | "Iterator" if !known.is_one_of(SEEN_THROUGH) => Vec::new(),
                _ if path.starts_with("std::") => all(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Whether the text that a derived `trait_name` makes of the type has the order of a hash map or set.
    pub(crate) fn shows_hash_order(&self, known: &Known, trait_name: &str) -> bool {
        self.shows_at_depth(known, trait_name, 0)
    }

    fn shows_at_depth(&self, known: &Known, trait_name: &str, depth: usize) -> bool {
        if depth > DEPTH_MAX {
            return false;
        }
        if known.is_hash_ordered() {
            return true;
        }
        match &known.head {
            Head::Own(own) => {
                let Some(shape) = self.shape(own).filter(|shape| shape.derives.iter().any(|name| name == trait_name))
                else {
                    return false;
                };
                let fields = shape.fields.iter().filter(|field| !field.has_attributes);
                let mut types = fields.filter_map(|field| self.type_of_field(field, &shape, own, known));
                types.any(|ty| self.shows_at_depth(&ty, trait_name, depth + 1))
            }
            Head::Foreign(path) if path.starts_with("std::") => {
                known.arguments.iter().flatten().any(|argument| self.shows_at_depth(argument, trait_name, depth + 1))
            }
            Head::Tuple | Head::List => {
                known.arguments.iter().flatten().any(|argument| self.shows_at_depth(argument, trait_name, depth + 1))
            }
            _ => false,
        }
    }
}

/// The type parameters of a type, with its arguments.
pub(super) fn bound(generics: &[String], known: &Known) -> Generics {
    let arguments = known.arguments.iter().cloned().chain(std::iter::repeat(None));
    let mut bound: Generics = generics.iter().cloned().zip(arguments).collect();
    bound.insert("Self".to_owned(), Some(known.clone()));
    bound
}

/// Types of the prelude, and primitive ones.
fn known_by_all(names: &[String]) -> Option<String> {
    let [name] = names else { return None };
    let prelude = PRELUDE.iter().find(|(short, _)| short == name).map(|(_, full)| (*full).to_owned());
    prelude.or_else(|| PRIMITIVES.contains(&name.as_str()).then(|| name.clone()))
}

/// One path for a type that has several.
fn canonical(path: &[String]) -> String {
    let full = path.join("::");
    let is_hash_iterator = |rest: &str| HASH_ITERATORS.contains(&rest);
    let of_map = full.strip_prefix("std::collections::hash_map::");
    if of_map.or_else(|| full.strip_prefix("std::collections::hash_set::")).is_some_and(is_hash_iterator) {
        return HASH_ITERATOR.to_owned();
    }
    match ALIASES.iter().find(|(alias, _)| *alias == full) {
        Some((_, name)) => (*name).to_owned(),
        None => full,
    }
}
