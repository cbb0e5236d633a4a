//! `owf::unstable_id`: an ID is made of what differs in a replay. [`walk`](super::walk) visits IDs with every other lint.

use super::Lint;
use super::names::{About, Name, function};

/// What may stand elsewhere, and not in an ID.
pub(super) const IN_IDS: &[Name] = &[
    function("std::any::type_name", "depends on the compiler", "write the ID as text: `step!(\"{id}\", ..)`"),
    function("std::any::type_name_of_val", "depends on the compiler", "write the ID as text: `step!(\"{id}\", ..)`"),
    function("std::any::TypeId::of", "depends on the compiler", "write the ID as text: `step!(\"{id}\", ..)`"),
    function("std::panic::Location::caller", "depends on the line", "write the ID as text: `step!(\"{id}\", ..)`"),
];

pub(super) const ABOUT: About = About {
    lint: Lint::UnstableId,
    consequence: "a replay would not find what was recorded under this ID",
    why: "A replay looks for a step's result under its ID. If the ID differs, the step is done again, and its result is lost.",
    bad: "step!(format!(\"charge-{}\", rand::random::<u32>()), charge()).await?;",
    good: "step!(format!(\"charge-{}\", order.id), charge()).await?;",
    gaps: &[
        "IDs from functions of other crates, and of files that are not found, and whatever the other lints can't see",
    ],
    names: &[],
    methods: &[],
};
