//! `owf::hidden_step`: a step inside something that swallows it. The check of bodies finds it: `body/check.rs`.

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::HiddenStep,
    consequence: "a replay would not meet it",
    why: "The attribute has to see each step. In a macro it does not know, a function without an attribute, or a logging macro that a setting turns off, the step comes and goes, or never becomes one.",
    bad: "twice!(step!(\"a\", a()).await?)",
    good: "let a = step!(\"a\", a()).await?; twice!(a)",
    gaps: &["closures that are handed to functions which never call them"],
    names: &[],
    methods: &[],
};
