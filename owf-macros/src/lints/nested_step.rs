//! `owf::nested_step`: a step inside a step. The check of steps finds it: `step/check.rs`.

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::NestedStep,
    consequence: "a replay skips the outer step's body, and the inner one with it",
    why: "A step's body is skipped once its result is recorded. What was recorded under an inner step is never asked for again, and is done twice when the outer one is retried. What speaks of the run (`set_details`, `run_id`, `cleanup`) finds none in a step.",
    bad: "step!(\"outer\", { step!(\"inner\", a()).await?; b() }).await?;",
    good: "step!(\"inner\", a()).await?; step!(\"outer\", b()).await?;",
    gaps: &[
        "a workflow or `#[durable]` function that is awaited in a step is refused by the type checker, in other words",
    ],
    names: &[],
    methods: &[],
};
