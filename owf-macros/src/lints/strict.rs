//! `owf::strict`: helpers that nobody vouched for. [`walk`](super::walk) finds them, in functions marked `strict`.

use super::Lint;
use super::names::About;

pub(super) const ABOUT: About = About {
    lint: Lint::Strict,
    consequence: "nothing says that a replay would get the same from it",
    why: "In a `#[workflow(strict)]`, each free function of the crate that is called outside of a step has to be marked, so that it is linted as the workflow is.",
    bad: "#[workflow(strict)] async fn pay(o: Order) { let due = due_date(&o); .. }",
    good: "#[deterministic] fn due_date(order: &Order) -> Date { .. }",
    gaps: &[
        "methods, and functions that come from macros or through variables",
        "functions of files that are not found, whose marks are not known: `strict` says nothing of them",
    ],
    names: &[],
    methods: &[],
};

/// What is wrong with a helper that is not marked, and how to mark it.
pub(super) fn advice(name: &str, is_async: bool) -> (String, String) {
    let help = match is_async {
        true => format!("mark it: `#[durable] async fn {name}(..)`, or call it in a step"),
        false => format!("mark it: `#[deterministic] fn {name}(..)`, or call it in a step"),
    };
    (format!("`{name}` is not marked, in a workflow that is `strict`"), help)
}
