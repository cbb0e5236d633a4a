//! The lints: code that would take another course, or have its effects again, when a workflow is replayed.
//!
//! A lint is one file. Most are tables of names: what a path, a method or a macro of that name does, and what to write
//! instead. [`walk`] visits a body and asks the tables, [`resolve`](crate::resolve) says what a name stands for.

mod addresses;
pub(crate) mod allow;
#[cfg(test)]
mod book;
mod bound;
mod calls;
mod channels;
mod constructed;
mod conversions;
mod deserialized;
mod duplicate_id;
mod elements;
mod environment;
mod errors;
mod expansions;
mod hash_iteration;
mod helpers;
mod hidden_step;
mod implied;
mod infer;
mod io;
mod lost_mutation;
mod macro_calls;
mod names;
mod nested_step;
mod operations;
mod optional;
mod paths;
mod patterns;
mod randomness;
mod shared_state;
mod site;
mod step_only;
mod steps;
mod strict;
mod tasks;
#[cfg(test)]
mod tests;
mod threads;
mod timers;
mod unawaited_step;
mod unordered;
mod unsafe_code;
mod unstable_id;
pub(crate) mod values;
mod variables;
mod visit;
mod walk;
mod wall_clock;

use names::About;
pub(crate) use steps::is_operation;
pub(crate) use walk::check_names;

use syn::Expr;

use crate::resolve::{FileScope, Found, Namespace, segments};
use crate::step::captures::Bound;

/// In the order of the book of lints.
const TABLES: &[&About] = &[
    &wall_clock::ABOUT,
    &randomness::ABOUT,
    &environment::ABOUT,
    &io::ABOUT,
    &threads::ABOUT,
    &tasks::ABOUT,
    &timers::ABOUT,
    &channels::ABOUT,
    &unordered::ABOUT,
    &hash_iteration::ABOUT,
    &shared_state::ABOUT,
    &addresses::ABOUT,
    &unsafe_code::ABOUT,
    &nested_step::ABOUT,
    &duplicate_id::ABOUT,
    &unstable_id::ABOUT,
    &lost_mutation::ABOUT,
    &unawaited_step::ABOUT,
    &hidden_step::ABOUT,
    &strict::ABOUT,
];

/// How the tables know of a path.
pub(crate) enum Listed {
    ByName,
    /// As one of all names of a module.
    ByModule,
}

/// Whether the tables know of a path, and how.
pub(crate) fn listed_as(path: &[String], namespace: Namespace) -> Option<Listed> {
    let (_, name) = names::find(path, namespace)?;
    Some(if name.kind == names::Kind::Module { Listed::ByModule } else { Listed::ByName })
}

/// The lint that finds the function that an expression calls, if it is one of the tables.
pub(crate) fn listed_call(expr: &Expr, variables: &Bound, scope: &FileScope) -> Option<Lint> {
    let Expr::Call(call) = expr else { return None };
    let Expr::Path(function) = &*call.func else { return None };
    let is_variable = function.path.get_ident().is_some_and(|name| variables.has(name));
    match scope.find(&segments(&function.path), Namespace::Values) {
        Found::Absolute(full) if !is_variable && function.qself.is_none() => {
            names::find(&full, Namespace::Values).map(|(about, _)| about.lint)
        }
        _ => None,
    }
}

/// A lint, as it is named in an `allow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lint {
    WallClock,
    Randomness,
    Environment,
    Io,
    Threads,
    Tasks,
    Timers,
    Channels,
    Unordered,
    HashIteration,
    SharedState,
    Addresses,
    UnsafeCode,
    NestedStep,
    DuplicateId,
    UnstableId,
    LostMutation,
    UnawaitedStep,
    HiddenStep,
    Strict,
}

impl Lint {
    /// As written in `allow(..)`, and after `owf::` in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Lint::WallClock => "wall_clock",
            Lint::Randomness => "randomness",
            Lint::Environment => "environment",
            Lint::Io => "io",
            Lint::Threads => "threads",
            Lint::Tasks => "tasks",
            Lint::Timers => "timers",
            Lint::Channels => "channels",
            Lint::Unordered => "unordered",
            Lint::HashIteration => "hash_iteration",
            Lint::SharedState => "shared_state",
            Lint::Addresses => "addresses",
            Lint::UnsafeCode => "unsafe_code",
            Lint::NestedStep => "nested_step",
            Lint::DuplicateId => "duplicate_id",
            Lint::UnstableId => "unstable_id",
            Lint::LostMutation => "lost_mutation",
            Lint::UnawaitedStep => "unawaited_step",
            Lint::HiddenStep => "hidden_step",
            Lint::Strict => "strict",
        }
    }

    /// Whether code that it finds can't be made to work by allowing it.
    pub(crate) fn is_absolute(self) -> bool {
        matches!(self, Lint::NestedStep | Lint::HiddenStep)
    }

    /// The names of all.
    pub(crate) fn names() -> Vec<&'static str> {
        TABLES.iter().map(|about| about.lint.name()).collect()
    }

    pub(crate) fn parse(name: &str) -> Option<Lint> {
        TABLES.iter().map(|about| about.lint).find(|lint| lint.name() == name)
    }

    /// The last line of each message.
    pub(crate) fn note(self) -> String {
        format!("owf::{}", self.name())
    }
}
