//! Which statics change: those of a type that changes behind a shared reference.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

use super::types::DEPTH_MAX;
use super::{FileScope, Found, Namespace, OwnType, Static, StaticKind, segments};

/// Types whose values change behind a shared reference.
const CHANGING: &[&str] = &[
    "ArcSwap",
    "ArcSwapOption",
    "ArcCell",
    "AtomicBool",
    "AtomicCell",
    "AtomicRefCell",
    "AtomicI8",
    "AtomicI16",
    "AtomicI32",
    "AtomicI64",
    "AtomicIsize",
    "AtomicPtr",
    "AtomicU8",
    "AtomicU16",
    "AtomicU32",
    "AtomicU64",
    "AtomicUsize",
    "Cell",
    "DashMap",
    "DashSet",
    "FairMutex",
    "Lazy",
    "LazyCell",
    "LazyLock",
    "LocalKey",
    "Mutex",
    "Once",
    "OnceBox",
    "OnceCell",
    "OnceLock",
    "OnceRef",
    "RefCell",
    "ReentrantLock",
    "ReentrantMutex",
    "RwLock",
    "SegQueue",
    "ConcurrentQueue",
    "ShardedLock",
    "SkipSet",
    "ArrayQueue",
    "Injector",
    "SkipMap",
    "UnsafeCell",
];

/// The crates whose types these are.
const OF_CRATES: &[&str] = &[
    "arc_swap",
    "async_lock",
    "atomic_refcell",
    "concurrent_queue",
    "crossbeam",
    "crossbeam_queue",
    "crossbeam_utils",
    "crossbeam_deque",
    "crossbeam_skiplist",
    "dashmap",
    "futures",
    "lazy_static",
    "once_cell",
    "parking_lot",
    "portable_atomic",
    "spin",
    "std",
    "tokio",
];

impl FileScope {
    /// Why the value of a static differs between processes or times, as words for a message.
    pub(crate) fn why_changing(&self, item: &Static) -> Option<String> {
        match &item.kind {
            StaticKind::Changing(words) => Some((*words).to_owned()),
            StaticKind::Typed(typed) => self.at_home(item.home).changing_part(&typed.ty, 0),
        }
    }

    /// As [`FileScope::why_changing`], of a static of this type.
    pub(crate) fn why_type_changes(&self, ty: &Type) -> Option<String> {
        self.changing_part(ty, 0)
    }

    /// The type within `ty` that changes behind a shared reference, as words for a message.
    fn changing_part(&self, ty: &Type, depth: usize) -> Option<String> {
        if depth > DEPTH_MAX {
            return None;
        }
        match ty {
            Type::Reference(reference) => self.changing_part(&reference.elem, depth + 1),
            Type::Paren(paren) => self.changing_part(&paren.elem, depth + 1),
            Type::Group(group) => self.changing_part(&group.elem, depth + 1),
            Type::Tuple(tuple) => tuple.elems.iter().find_map(|elem| self.changing_part(elem, depth + 1)),
            Type::Array(array) => self.changing_part(&array.elem, depth + 1),
            Type::Slice(slice) => self.changing_part(&slice.elem, depth + 1),
            Type::Path(path) if path.qself.is_none() => {
                let names = segments(&path.path);
                let full = match self.find(&names, Namespace::Types) {
                    Found::Alias(alias) => {
                        let given = || self.changing_argument(path.path.segments.last()?, depth);
                        return self.at_home(alias.home).changing_part(&alias.ty, depth + 1).or_else(given);
                    }
                    Found::Type(own) => return self.changing_field(&own, depth),
                    Found::Absolute(full) => full,
                    _ => Vec::new(),
                };
                if let Some(last) = full.last().filter(|last| is_changing(&full, last)) {
                    let article = if last.starts_with(['A', 'I', 'O', 'U']) { "an" } else { "a" };
                    return Some(format!("{article} `{last}`"));
                }
                self.changing_argument(path.path.segments.last()?, depth)
            }
            _ => None,
        }
    }

    fn changing_argument(&self, last: &PathSegment, depth: usize) -> Option<String> {
        let PathArguments::AngleBracketed(list) = &last.arguments else { return None };
        list.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => self.changing_part(ty, depth + 1),
            _ => None,
        })
    }

    fn changing_field(&self, own: &OwnType, depth: usize) -> Option<String> {
        let (shape, scope) = (self.shape(own)?, self.at_home(own.home));
        let within = shape.fields.iter().find_map(|field| scope.changing_part(&field.ty, depth + 1))?;
        Some(if within.contains(" with ") { within } else { format!("a `{}` with {within} in it", own.name) })
    }
}

/// Whether the last name of a path is that of a type which changes behind a shared reference.
fn is_changing(path: &[String], last: &str) -> bool {
    CHANGING.contains(&last) && path.first().is_some_and(|first| OF_CRATES.contains(&first.as_str()))
}
