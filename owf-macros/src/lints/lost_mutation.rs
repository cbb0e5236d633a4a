//! `owf::lost_mutation`: a variable of the workflow is changed in a step. Found by `step/mutation.rs`.

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::LostMutation,
    consequence: "a replay skips the step's body, and the change is lost",
    why: "Once a step's result is recorded, its body is skipped, with everything it changes around it. `async move` changes a copy, which is lost at once.",
    bad: "step!(\"add\", { total += price().await?; }).await?;",
    good: "total += step!(\"price\", price().await?).await?;",
    gaps: &[
        "changes by methods (`state.advance()`) of other types than the collections of the standard library are refused by the borrow checker, in other words",
        "changes through a `Cell`, a `Mutex` or an atomic are told by their types, on which see the probes",
        "changes through locks and maps of other crates (`parking_lot::Mutex`, `DashMap`)",
    ],
    names: &[],
    methods: &[],
};
