//! What users meet who turned on no feature: `cargo test -p owf-runtime`. The tests of the workspace turn on most of them.

#[cfg(not(feature = "cron"))]
#[test]
fn a_schedule_without_its_feature_names_the_feature() {
    trybuild::TestCases::new().compile_fail("tests/ui/without_cron.rs");
}

#[cfg(not(feature = "sqlite"))]
#[test]
fn a_transaction_without_its_feature_names_the_feature() {
    trybuild::TestCases::new().compile_fail("tests/ui/without_sqlite.rs");
}
