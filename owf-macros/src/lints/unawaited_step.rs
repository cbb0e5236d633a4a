//! `owf::unawaited_step`: a step that nobody awaits. [`steps`](super::steps) finds it.

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::UnawaitedStep,
    consequence: "it is never run",
    why: "A step does nothing until it is awaited.",
    bad: "step!(\"mail\", send_mail(&order).await?);",
    good: "step!(\"mail\", send_mail(&order).await?).await?;",
    gaps: &[
        "steps that are put into a struct later on, those that a function is given, and those of a list that is used otherwise",
    ],
    names: &[],
    methods: &[],
};
