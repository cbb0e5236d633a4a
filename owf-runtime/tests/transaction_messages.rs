//! What users see of `transaction!` at compile time, with SQLite compiled in.

#[test]
fn what_rustc_says_of_transactions() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/transaction/*.rs");
}
