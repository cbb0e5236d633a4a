//! Which questions the names of the file have answered already: each probe costs the compiler more than the macro.
//!
//! The walk of the lints knows the types that are written in the crate's files. It notes the places whose type is harmless for sure;
//! nothing is asked there any more.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proc_macro2::Span;

use crate::resolve::{Head, Known};

/// The part of a method call that says whether something was reported of it.
pub(crate) const REPORTED: &str = "reported";

/// The places that were looked at, by where they stand, and for what stands in a text by its name or number there.
#[derive(Default)]
pub(crate) struct Told(RefCell<BTreeMap<(usize, usize, String), bool>>);

impl Told {
    pub(crate) fn note(&self, at: Span, part: &str, is_harmless: bool) {
        // In what a macro repeats, several places stand at one.
        let mut told = self.0.borrow_mut();
        told.entry(key(at, part)).and_modify(|told| *told &= is_harmless).or_insert(is_harmless);
    }

    /// Nothing is to be asked at a place, whatever was noted of its type.
    pub(crate) fn answer(&self, at: Span) {
        self.0.borrow_mut().insert(key(at, ""), true);
    }

    /// Whether something was reported of the method call at `at`, or of what it is called on.
    pub(crate) fn is_reported(&self, at: Span) -> bool {
        self.is_harmless(at, REPORTED)
    }

    /// Whether the part is noted, which is forgotten.
    pub(crate) fn take(&self, at: Span, part: &str) -> bool {
        self.0.borrow_mut().remove(&key(at, part)).is_some()
    }

    pub(crate) fn is_harmless(&self, at: Span, part: &str) -> bool {
        self.0.borrow().get(&key(at, part)).is_some_and(|told| *told)
    }
}

fn key(at: Span, part: &str) -> (usize, usize, String) {
    let start = at.start();
    (start.line, start.column, part.to_owned())
}

/// Types of the standard library that keep an order, or have one element, and how many arguments they have.
const ORDERED: &[(&str, usize)] = &[
    ("std::collections::BTreeMap", 2),
    ("std::collections::BTreeSet", 1),
    ("std::collections::BinaryHeap", 1),
    ("std::collections::VecDeque", 1),
    ("std::option::Option", 1),
    ("std::string::String", 0),
    ("std::vec::Vec", 1),
    ("bool", 0),
    ("char", 0),
    ("str", 0),
];

const NUMBERS: &[&str] =
    &["f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

fn arguments_of(known: &Known) -> Option<usize> {
    match &known.head {
        Head::Foreign(path) => {
            let ordered = ORDERED.iter().find(|(name, _)| *name == &**path).map(|(_, arguments)| *arguments);
            ordered.or_else(|| NUMBERS.contains(&&**path).then_some(0))
        }
        Head::Tuple | Head::List => Some(known.arguments.len()),
        _ => None,
    }
}

/// Whether the methods that iterate a type go through it in an order.
pub(crate) fn keeps_order(known: &Known) -> bool {
    arguments_of(known.innermost()).is_some()
}

/// Whether a type is none of those that a `for` goes through in the order of a hash map. No type of the user's is.
pub(crate) fn is_ordered_head(known: &Known) -> bool {
    matches!(known.innermost().head, Head::Own(_)) || keeps_order(known)
}

/// Whether the text of a type has nothing of a hash map in it that a probe would find.
pub(crate) fn has_ordered_text(known: &Known) -> bool {
    let known = known.innermost();
    if matches!(known.head, Head::Own(_)) {
        return true;
    }
    let all = || known.arguments.iter().all(|argument| argument.as_ref().is_some_and(has_ordered_text));
    arguments_of(known).is_some_and(|count| known.arguments.len() == count && all())
}
