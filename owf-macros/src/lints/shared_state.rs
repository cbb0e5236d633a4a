//! `owf::shared_state`: statics that can change, and thread-locals. [`walk`](super::walk) finds them by resolving names.

use super::Lint;
use super::names::About;

pub(super) const INSTEAD: &str =
    "read or change it in a step, `step!(\"{id}\", ..).await?`, or pass its value in the workflow's input";

pub(super) const ABOUT: About = About {
    lint: Lint::SharedState,
    consequence: "a replay may find another value there",
    why: "A static belongs to the process, not to the run. Others change it, a replay in another process finds it fresh, and changes are made again in each replay.",
    bad: "COUNTER.fetch_add(1, Ordering::Relaxed);",
    good: "step!(\"count\", COUNTER.fetch_add(1, Ordering::Relaxed)).await?;",
    gaps: &[
        "statics of other crates, and those that functions there use",
        "statics of a type of another crate that has a lock or a cell inside",
        "what an `Arc` from outside leads to",
    ],
    names: &[],
    methods: &[],
};
