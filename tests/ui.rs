//! What users see of the macros at compile time: messages, and code that must compile.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    for topic in ["await", "durable", "place", "race", "step", "value", "workflow"] {
        cases.compile_fail(format!("tests/ui/{topic}/*.rs"));
    }
}
