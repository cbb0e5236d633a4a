//! Each example prints what its `output.txt` says.

use std::path::{Path, PathBuf};
use std::process::Command;

/// They need a feature, and have tests of their own.
const TESTED_ELSEWHERE: [&str; 5] = ["durable", "inngest", "inngest-conformance", "inngest-connect", "torture"];

#[test]
fn every_example_prints_its_output() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the examples are there")
        .map(|entry| entry.expect("a folder entry").file_name().into_string().expect("a UTF-8 name"))
        .collect();
    // What it prints depends on chance; `tests/torture.rs` runs it.
    names.retain(|name| name != "torture");
    names.sort();
    assert!(names.contains(&"basic".to_owned()), "{names:?}");
    for name in names.into_iter().filter(|name| !TESTED_ELSEWHERE.contains(&name.as_str())) {
        let expected = std::fs::read_to_string(folder.join(&name).join("output.txt"))
            .unwrap_or_else(|error| panic!("examples/{name}/output.txt: {error}"));
        let output = Command::new(binary(&name)).output().expect("the example runs");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "output of `{name}`");
    }
}

#[test]
fn a_driver_of_ones_own_takes_less_than_60_lines() {
    let source = include_str!("../examples/journal/driver.rs");
    assert!(source.lines().count() < 60, "{} lines", source.lines().count());
}

/// `cargo test` builds the examples beside the tests.
fn binary(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("this test has a path");
    let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    profile.join("examples").join(name)
}
