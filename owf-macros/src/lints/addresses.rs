//! `owf::addresses`: where in memory something is. Casts and `{:p}` are found by [`walk`](super::walk).

use super::Lint;
use super::names::{About, Name, function, macros, types};

pub(super) const INSTEAD: &str = "use the value itself, or an ID that the run records";

pub(super) const ABOUT: About = About {
    lint: Lint::Addresses,
    consequence: "in a replay it is elsewhere",
    why: "Addresses differ in each process and each replay.",
    bad: "let key = format!(\"{:p}\", &order);",
    good: "let key = format!(\"{}\", order.id);",
    gaps: &[
        "`{:?}` of a raw pointer, and casts of variables that hold one, where the file does not tell that it is one",
    ],
    names: NAMES,
    methods: &[],
};

const NAMES: &[Name] = &[
    function("std::ptr::hash", "hashes an address", INSTEAD),
    macros("std::ptr::addr_of", "takes an address", INSTEAD),
    macros("std::ptr::addr_of_mut", "takes an address", INSTEAD),
    types("std::backtrace::Backtrace", "tells of addresses and builds", "take it in a step, or log the error"),
];
