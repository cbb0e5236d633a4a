//! The tables of names that most lints consist of.

use std::sync::LazyLock;

use super::{Lint, TABLES};
use crate::resolve::Namespace;

/// A lint, for the book and for the messages.
pub(crate) struct About {
    pub(crate) lint: Lint,
    /// Ends the first line of a message: "`name` does something, and ..".
    pub(crate) consequence: &'static str,
    /// For the book, as the next three: in a sentence or two.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the book tells it"))]
    pub(crate) why: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "only the book tells it"))]
    pub(crate) bad: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "only the book tells it"))]
    pub(crate) good: &'static str,
    /// What it can't see.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the book tells it"))]
    pub(crate) gaps: &'static [&'static str],
    pub(crate) names: &'static [Name],
    /// Methods that are told by their name alone, as no other method is called so.
    pub(crate) methods: &'static [Name],
}

/// What is known of a path, a method or a macro.
pub(crate) struct Name {
    pub(crate) kind: Kind,
    pub(crate) path: &'static str,
    /// What it does: "reads the clock".
    pub(crate) what: &'static str,
    /// What to write instead; see [`Site::fill`](super::site::Site::fill).
    pub(crate) instead: &'static str,
}

/// What a path in a table stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Function,
    /// With everything associated with it.
    Type,
    /// With everything in it.
    Module,
    Macro,
    Method,
    /// An exception within a module or type.
    Pure,
}

/// To be done in a step, as it stands.
pub(crate) const STEP: &str = "do it in a step: `{let}step!(\"{id}\", {call}).await?{;}`";

pub(crate) const fn function(path: &'static str, what: &'static str, instead: &'static str) -> Name {
    Name { kind: Kind::Function, path, what, instead }
}

pub(crate) const fn types(path: &'static str, what: &'static str, instead: &'static str) -> Name {
    Name { kind: Kind::Type, path, what, instead }
}

pub(crate) const fn module(path: &'static str, what: &'static str, instead: &'static str) -> Name {
    Name { kind: Kind::Module, path, what, instead }
}

pub(crate) const fn macros(path: &'static str, what: &'static str, instead: &'static str) -> Name {
    Name { kind: Kind::Macro, path, what, instead }
}

pub(crate) const fn method(path: &'static str, what: &'static str, instead: &'static str) -> Name {
    Name { kind: Kind::Method, path, what, instead }
}

pub(crate) const fn pure(path: &'static str) -> Name {
    Name { kind: Kind::Pure, path, what: "", instead: "" }
}

type Entry = (&'static About, &'static Name);

/// All names of the tables, sorted by their paths: users compile this without optimization, and ask for each path of a body.
static SORTED: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let all = TABLES.iter().flat_map(|about| about.names.iter().map(move |name| (*about, name)));
    let mut sorted: Vec<Entry> = all.collect();
    sorted.sort_by_key(|(_, name)| name.path);
    sorted
});

/// The methods of the tables, sorted by name.
static METHODS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let all = TABLES.iter().flat_map(|about| about.methods.iter().map(move |name| (*about, name)));
    let mut sorted: Vec<Entry> = all.collect();
    sorted.sort_by_key(|(_, name)| name.path);
    sorted
});

/// The names of the functions of the tables, sorted.
static FUNCTIONS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let functions = SORTED.iter().filter(|(_, name)| name.kind == Kind::Function);
    let mut names: Vec<_> = functions.filter_map(|(_, name)| name.path.rsplit("::").next()).collect();
    names.sort_unstable();
    names
});

/// Whether the tables have a function of this name in any place.
pub(crate) fn ends_a_function(name: &str) -> bool {
    FUNCTIONS.binary_search(&name).is_ok()
}

/// What the tables know of a path: the longest entry wins.
pub(crate) fn find(path: &[String], namespace: Namespace) -> Option<Entry> {
    let full = path.join("::");
    let mut end = full.len();
    loop {
        let covered = full.get(..end)?;
        let is_whole = end == full.len();
        if let Some(found) = find_entry(covered, is_whole, namespace) {
            return Some(found).filter(|(_, name)| name.kind != Kind::Pure);
        }
        end = covered.rfind("::")?;
    }
}

/// The last entry of just this path that covers the whole of a path which begins with it.
fn find_entry(path: &str, is_whole: bool, namespace: Namespace) -> Option<Entry> {
    let from = SORTED.partition_point(|(_, name)| name.path < path);
    let entries = SORTED.get(from..)?.iter().take_while(|(_, name)| name.path == path);
    let fits = |name: &Name| {
        let covers = is_whole || matches!(name.kind, Kind::Module | Kind::Type | Kind::Pure);
        covers && (name.kind == Kind::Macro) == (namespace == Namespace::Macros)
    };
    entries.copied().filter(|(_, name)| fits(name)).last()
}

/// What the tables know of a method of this name, whatever its receiver.
pub(crate) fn find_method(method: &str) -> Option<Entry> {
    let at = METHODS.partition_point(|(_, name)| name.path < method);
    METHODS.get(at).copied().filter(|(_, name)| name.path == method)
}

/// Whether the tables have a function of just this path.
pub(crate) fn is_function(path: &[String]) -> bool {
    find(path, Namespace::Values).is_some_and(|(_, name)| name.kind == Kind::Function && path.join("::") == name.path)
}
