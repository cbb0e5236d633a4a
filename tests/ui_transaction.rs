//! What users see of `transaction!` at compile time, with SQLite compiled in.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/transaction/*.rs");
}
