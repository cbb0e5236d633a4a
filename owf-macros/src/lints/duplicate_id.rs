//! `owf::duplicate_id`: two steps of one function have the same ID. [`steps`](super::steps) finds them.

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::DuplicateId,
    consequence: "which of them is meant by what was recorded depends on the order in which they are met",
    why: "Results are recorded under the ID. A second step of the same ID is recorded as `id:1`, so that a changed branch or order gives one step the result of the other.",
    bad: "step!(\"mail\", a()).await?; step!(\"mail\", b()).await?;",
    good: "step!(\"mail-a\", a()).await?; step!(\"mail-b\", b()).await?;",
    gaps: &[
        "IDs that are computed, and the same ID in two functions of one workflow",
        "one step in a loop has one ID on purpose, and is allowed: `id`, `id:1`, `id:2`",
    ],
    names: &[],
    methods: &[],
};
