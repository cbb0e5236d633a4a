//! `owf::unsafe_code`: `unsafe` blocks, and functions of other languages. [`walk`](super::walk) finds them.

use super::Lint;
use super::names::About;

pub(super) const INSTEAD: &str = "do it in a step: `step!(\"{id}\", { .. }).await?`";

pub(super) const ABOUT: About = About {
    lint: Lint::UnsafeCode,
    consequence: "nothing says that a replay would do the same",
    why: "`unsafe` code can read and change what no lint knows of, and a function of another language can do anything.",
    bad: "let id = unsafe { libc::getpid() };",
    good: "let id = step!(\"pid\", unsafe { libc::getpid() }).await?;",
    gaps: &[
        "an `unsafe` block in a helper that has none of our attributes, of which only what it calls is looked at",
        "`unsafe` behind functions of other crates, and of files that are not found, which is theirs to answer for",
    ],
    names: &[],
    methods: &[],
};
