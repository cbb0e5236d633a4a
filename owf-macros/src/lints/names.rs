//! The tables of names that most lints consist of.

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

/// What the tables know of a path: the longest entry wins.
pub(crate) fn find(path: &[String], namespace: Namespace) -> Option<(&'static About, &'static Name)> {
    let krate = path.first().map(String::as_str).unwrap_or_default();
    let fits = |name: &Name| {
        name.path.starts_with(krate)
            && (name.kind == Kind::Macro) == (namespace == Namespace::Macros)
            && covers(name, path)
    };
    let all = TABLES.iter().flat_map(|about| about.names.iter().map(move |name| (*about, name)));
    all.filter(|(_, name)| fits(name))
        .max_by_key(|(_, name)| name.path.len())
        .filter(|(_, name)| name.kind != Kind::Pure)
}

/// What the tables know of a method of this name, whatever its receiver.
pub(crate) fn find_method(method: &str) -> Option<(&'static About, &'static Name)> {
    TABLES.iter().find_map(|about| {
        let found = about.methods.iter().find(|name| name.path == method)?;
        Some((*about, found))
    })
}

/// Whether the tables have a function of just this path.
pub(crate) fn is_function(path: &[String]) -> bool {
    find(path, Namespace::Values).is_some_and(|(_, name)| name.kind == Kind::Function && path.join("::") == name.path)
}

fn covers(name: &Name, path: &[String]) -> bool {
    let mut parts = name.path.split("::");
    let mut given = path.iter();
    loop {
        match (parts.next(), given.next()) {
            (Some(part), Some(segment)) if part == segment => {}
            (None, None) => return true,
            (None, Some(_)) => return matches!(name.kind, Kind::Module | Kind::Type | Kind::Pure),
            _ => return false,
        }
    }
}
