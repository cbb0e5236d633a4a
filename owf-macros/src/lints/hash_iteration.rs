//! `owf::hash_iteration`: a hash map or set is walked. The type probes find it; see [`crate::probes`].

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::HashIteration,
    consequence: "a replay would meet the entries in another order",
    why: "A `HashMap` has a random state, so that two maps of the same entries have different orders. Steps, IDs and values that follow the order differ in a replay.",
    bad: "for (name, count) in &counts { .. }    // a HashMap",
    good: "for (name, count) in &counts { .. }    // a BTreeMap",
    gaps: &[
        "the order behind generic code: `{:?}` and serde of a struct with a map in it, `list.extend(map)`, `zip(map)`",
        "maps of other crates with a random state",
        "lookups, `len` and `contains` are no matter of order, and allowed",
    ],
    names: &[],
    methods: &[],
};
