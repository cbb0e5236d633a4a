//! Probes: what generated code asks of the types of a workflow's expressions.
//!
//! Names don't tell whether `index.keys()` has an order, or whose `elapsed` a call is; types do. Generated code puts a
//! reference to a value into a [`Probe`] and calls a method of it. For a type that is listed here that is an inherent
//! method, and for all others the method of [`Harmless`], as a method call takes the inherent one first. They return
//! different verdicts, of which only [`Fine`] implements the trait that the verdict is handed to. The text of that trait is
//! the error.
//!
//! A type that is not known yet passes for a listed one. So only expressions are probed whose type is known where they
//! stand: the results of methods of certain names, and the receivers of others.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, hash_map, hash_set};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};

/// A value whose type is in question.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// What is said of a type that is not listed.
#[derive(Debug)]
pub struct Fine;

/// Each probe: its method, the trait of listed types, the verdict on them, and what it may not be handed to.
macro_rules! probes {
    ($($method:ident: $listed:ident => $verdict:ident, $demand:ident { $($text:tt)* })*) => {
        $(
            #[doc = concat!("What [`Probe::", stringify!($method), "`] says of a listed type.")]
            #[derive(Debug)]
            pub struct $verdict;

            /// What only [`Fine`] implements.
            #[diagnostic::on_unimplemented($($text)*)]
            pub trait $demand: Sized {
                /// Accepts the verdict.
                fn check(self) {}
            }

            #[diagnostic::do_not_recommend]
            impl $demand for Fine {}

            impl<T: $listed + ?Sized> Probe<'_, T> {
                /// The verdict on a listed type.
                pub fn $method(&self) -> $verdict {
                    $verdict
                }
            }
        )*

        /// The verdict on every type that is not listed.
        pub trait Harmless {
            $(
                /// It is fine.
                fn $method(&self) -> Fine {
                    Fine
                }
            )*
        }

        impl<T: ?Sized> Harmless for Probe<'_, T> {}
    };
}

probes! {
    order: HashIterator => ByHash, SameOnReplay {
        message = "the order of a hash map or set differs on every replay",
        label = "goes through it in that order",
        note = "use a `BTreeMap` or `BTreeSet`, or bring the entries in order at once: `let sorted: BTreeMap<_, _> = map.into_iter().collect();`",
        note = "owf::hash_iteration"
    }
    entries: HashCollection => InHashOrder, SameOrder {
        message = "the order of a hash map or set differs on every replay",
        label = "goes through it in that order",
        note = "use a `BTreeMap` or `BTreeSet`, or bring the entries in order first: `let sorted: BTreeMap<_, _> = map.into_iter().collect();`",
        note = "owf::hash_iteration"
    }
    text: HashDebug => HashText, SameText {
        message = "the text of a hash map or set is in its order, which differs on every replay",
        label = "shows a hash map or set",
        note = "use a `BTreeMap` or `BTreeSet`, or make the text inside a `step!`",
        note = "owf::hash_iteration"
    }
    clock: PointInTime => ReadsClock, SameTime {
        message = "`elapsed` reads the clock, and a replay would read another value",
        label = "reads the clock",
        note = "take it in a step: `let waited = step!(\"waited\", start.elapsed()?).await?;`",
        note = "owf::wall_clock"
    }
    file: FilePath => AsksFileSystem, SameFiles {
        message = "this asks the file system, and a replay may get another answer",
        label = "asks the file system",
        note = "ask in a step, whose result is recorded: `let found = step!(\"found\", path.exists()).await?;`",
        note = "owf::io"
    }
    lookup: HostLookup => AsksNetwork, SameAddresses {
        message = "this looks the host up in the network, and a replay may get another answer",
        label = "looks the host up",
        note = "look it up in a step, whose result is recorded",
        note = "owf::io"
    }
    capture: Shared => SharedState, Kept {
        message = "this is changed inside a step: a replay skips the step's body, and the change is lost",
        label = "shared with the workflow, and changed here",
        note = "return the new value from the step: `let value = step!(..).await?;`",
        note = "owf::lost_mutation"
    }
}

/// Implements a trait for a list of types.
macro_rules! list {
    ($listed:path: $([$($generics:tt)*] $type:ty,)*) => {
        $(impl<$($generics)*> $listed for $type {})*
    };
}

/// Implements a trait for references to its types, and for what else a method call sees through.
macro_rules! see_through {
    ($($listed:ident)*) => {
        $(list! { $listed:
            [T: $listed + ?Sized] &T,
            [T: $listed + ?Sized] &mut T,
            [T: $listed + ?Sized] Box<T>,
            [T: $listed + ?Sized] Rc<T>,
            [T: $listed + ?Sized] Arc<T>,
            [T: $listed + ?Sized] MutexGuard<'_, T>,
            [T: $listed + ?Sized] RwLockReadGuard<'_, T>,
            [T: $listed + ?Sized] RwLockWriteGuard<'_, T>,
        })*
    };
}

see_through! { PointInTime FilePath Shared HashDebug }

/// An iterator in the order of a hash map or set.
pub trait HashIterator {}

list! { HashIterator:
    [K, V] hash_map::Iter<'_, K, V>,
    [K, V] hash_map::IterMut<'_, K, V>,
    [K, V] hash_map::IntoIter<K, V>,
    [K, V] hash_map::Keys<'_, K, V>,
    [K, V] hash_map::IntoKeys<K, V>,
    [K, V] hash_map::Values<'_, K, V>,
    [K, V] hash_map::ValuesMut<'_, K, V>,
    [K, V] hash_map::IntoValues<K, V>,
    [K, V] hash_map::Drain<'_, K, V>,
    [K, V, F] hash_map::ExtractIf<'_, K, V, F>,
    [K] hash_set::Iter<'_, K>,
    [K] hash_set::IntoIter<K>,
    [K] hash_set::Drain<'_, K>,
    [K, F] hash_set::ExtractIf<'_, K, F>,
    [K, S] hash_set::Difference<'_, K, S>,
    [K, S] hash_set::SymmetricDifference<'_, K, S>,
    [K, S] hash_set::Intersection<'_, K, S>,
    [K, S] hash_set::Union<'_, K, S>,
}

/// A hash map or set, or a reference to one.
pub trait HashCollection {}

list! { HashCollection:
    [K, V, S] HashMap<K, V, S>,
    [K, S] HashSet<K, S>,
    [T: HashCollection + ?Sized] &T,
    [T: HashCollection + ?Sized] &mut T,
}

/// What `{:?}` shows in the order of a hash map or set.
pub trait HashDebug {}

list! { HashDebug:
    [K, V, S] HashMap<K, V, S>,
    [K, S] HashSet<K, S>,
    [T: HashDebug] Option<T>,
    [T: HashDebug, E] Result<T, E>,
    [T: HashDebug] Vec<T>,
    [T: HashDebug] [T],
}

/// What has an `elapsed` that reads the clock.
pub trait PointInTime {}

list! { PointInTime:
    [] std::time::Instant,
    [] std::time::SystemTime,
    [] tokio::time::Instant,
}

/// What has methods that ask the file system.
pub trait FilePath {}

list! { FilePath:
    [] Path,
    [] PathBuf,
    [] std::fs::File,
    [] std::fs::DirEntry,
    [T: FilePath + ToOwned + ?Sized] std::borrow::Cow<'_, T>,
}

/// What a lookup of host names yields.
pub trait HostLookup {}

list! { HostLookup:
    [] std::io::Result<std::vec::IntoIter<std::net::SocketAddr>>,
}

/// What can be changed through a reference.
pub trait Shared {}

list! { Shared:
    [T: ?Sized] Mutex<T>,
    [T: ?Sized] RwLock<T>,
    [T: ?Sized] tokio::sync::Mutex<T>,
    [T: ?Sized] tokio::sync::RwLock<T>,
    [T: ?Sized] Cell<T>,
    [T: ?Sized] RefCell<T>,
    [T] std::cell::OnceCell<T>,
    [T] std::sync::OnceLock<T>,
    [] atomic::AtomicBool,
    [] atomic::AtomicI8,
    [] atomic::AtomicI16,
    [] atomic::AtomicI32,
    [] atomic::AtomicI64,
    [] atomic::AtomicIsize,
    [] atomic::AtomicU8,
    [] atomic::AtomicU16,
    [] atomic::AtomicU32,
    [] atomic::AtomicU64,
    [] atomic::AtomicUsize,
}

// Behind the macros that it uses.
mod callee;

pub use callee::{
    Callee, Clock, Environment, Files, ListedCallee, NoClock, NoEnvironment, NoFiles, NoThread, Thread, UnlistedCallee,
    WithOneArgument, WithoutArguments,
};
