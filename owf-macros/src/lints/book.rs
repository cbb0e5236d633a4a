//! The book of lints, `LINTS.md`, and the list for clippy, `workflow-clippy.toml`: written from the tables, and tested to be so.

use std::fmt::Write as _;
use std::path::Path;

use super::TABLES;
use super::names::{About, Kind, Name};

const HEAD: &str = "\
# The lints

Code in a `#[workflow]`, a `#[durable]` or a `#[deterministic]` function that a replay would take another way does not
compile. Each error ends with the name of a lint. What stands in a step is free: its result is recorded.

Names are resolved with the file that the function stands in: its `use` items, aliases, modules, types, functions and
statics; and with the other files of the crate to which these lead, where they are at the usual places or at a `#[path]`.
A function, method or macro of the crate is followed, however deep. Whose method a call means is told by the types
that are written there: of variables, fields, arguments and results. A name that is your own is never taken for
another of the same name. What a macro of another file declares, and which of several files a `cfg` chooses, is not known; where the compiler
tells no file, only full paths are known.

Where a lint is wrong, say why:

```rust,ignore
#[owf::allow(wall_clock, reason = \"only printed\")]
let started = Instant::now();

#[workflow(allow(environment, reason = \"the same on all of our machines\"))]
async fn report(month: String) -> WorkflowResult<Report> { .. }
```

The reason is required, and an `allow` that silences nothing is an error.

What no lint can see is found by a replay: see `check_determinism` in `owf_runtime::testing`. For functions of other crates,
`workflow-clippy.toml` beside this file lists the names for clippy's `disallowed_methods` and `disallowed_types`, to be copied into
your own `clippy.toml`.

";

const CLIPPY_HEAD: &str = "\
# What a workflow must not call outside of a step, for clippy, which sees through all files of a crate but knows nothing of
# steps: allow the lints where effects are meant to be. Made of the tables in `owf-macros/src/lints`.

";

fn book() -> String {
    let mut text = HEAD.to_owned();
    for about in TABLES {
        write_lint(about, &mut text);
    }
    text
}

fn write_lint(about: &About, text: &mut String) {
    let About { lint, why, bad, good, gaps, .. } = about;
    let _ = write!(text, "## `owf::{}`\n\n{why}\n\n", lint.name());
    let _ = write!(text, "```rust,ignore\n{bad}     // wrong\n{good}     // right\n```\n\n");
    if !about.names.is_empty() || !about.methods.is_empty() {
        let _ = write!(text, "It knows:\n\n");
        for name in about.names.iter().chain(about.methods) {
            let _ = writeln!(text, "- {}", entry(name));
        }
        text.push('\n');
    }
    let _ = write!(text, "It can't see:\n\n");
    for gap in *gaps {
        let _ = writeln!(text, "- {gap}");
    }
    text.push('\n');
}

fn entry(name: &Name) -> String {
    let Name { path, what, .. } = name;
    match name.kind {
        Kind::Function => format!("`{path}` {what}"),
        Kind::Type => format!("`{path}` and what belongs to it {what}"),
        Kind::Module => format!("`{path}::*` {what}"),
        Kind::Macro => format!("`{path}!` {what}"),
        Kind::Method => format!("`.{path}(..)` {what}"),
        Kind::Pure => format!("`{path}` is allowed"),
    }
}

fn clippy() -> String {
    let mut text = CLIPPY_HEAD.to_owned();
    for (list, kind) in [("disallowed-methods", Kind::Function), ("disallowed-types", Kind::Type)] {
        let _ = writeln!(text, "{list} = [");
        for about in TABLES {
            for Name { path, what, .. } in about.names.iter().filter(|name| name.kind == kind) {
                let lint = about.lint.name();
                let _ = writeln!(
                    text,
                    "    {{ path = \"{path}\", reason = \"{what} (owf::{lint})\", allow-invalid = true }},"
                );
            }
        }
        text.push_str("]\n");
    }
    text
}

/// Compares a file with what it should be; with `OWF_BLESS=1` it is written instead.
fn is_fresh(file: &str, text: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("OWF_BLESS").is_some() {
        std::fs::write(&path, text).expect("the file can be written");
    }
    std::fs::read_to_string(&path).is_ok_and(|known| known == text)
}

#[test]
fn the_book_is_what_the_lints_say() {
    let help = "is stale: run the tests of owf-macros with OWF_BLESS=1";
    assert!(is_fresh("LINTS.md", &book()), "LINTS.md {help}");
    assert!(is_fresh("workflow-clippy.toml", &clippy()), "workflow-clippy.toml {help}");
}

#[test]
fn names_are_listed_once_and_lints_have_all_they_need() {
    let mut paths = Vec::new();
    for about in TABLES {
        assert!(!about.gaps.is_empty() && !about.bad.is_empty() && !about.good.is_empty(), "{:?}", about.lint);
        paths.extend(about.names.iter().chain(about.methods).map(|name| (name.kind == Kind::Macro, name.path)));
    }
    paths.sort_unstable();
    let twice: Vec<_> = paths.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
