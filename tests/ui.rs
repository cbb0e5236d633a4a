//! What users see of the macros at compile time: messages, and code that must compile.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.pass("tests/ui/probes/*/allow.rs");
    cases.compile_fail("tests/ui/probes/*/deny.rs");
    cases.pass("tests/ui/lints/*/allow.rs");
    cases.compile_fail("tests/ui/lints/*/deny.rs");
    for topic in ["await", "durable", "place", "race", "step", "test", "value", "workflow"] {
        cases.compile_fail(format!("tests/ui/{topic}/*.rs"));
    }
}
