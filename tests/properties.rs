//! A random workflow has the same result however it is run: in one go, re-entered after each step, re-entered at random, or
//! advanced target by target in any order, with sessions rebuilt from JSON in between; on a file, too (feature `sqlite`).
//!
//! A failure prints the program and the seed of all choices, shrunk as far as it still fails.

#[path = "conformance/probe.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod probe;
#[path = "properties/program.rs"]
mod program;
#[path = "properties/runs.rs"]
mod runs;
#[cfg(feature = "sqlite")]
#[path = "conformance/sqlite.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod sqlite;

use proptest::prelude::*;
use proptest::test_runner::Config;

use program::{Program, program};
use runs::{Execution, checkpoint, continuous, moody, targets};

fn config(cases: u32) -> Config {
    // The printed program and seed are all that is needed to run a failure again.
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn on_one_thread(program: &Program, test: impl AsyncFnOnce(Execution)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(probe::fail_when_stalled(async { test(continuous(program).await).await }));
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn a_program_re_entered_after_each_step_does_the_same(program in program()) {
        on_one_thread(&program, async |expected| {
            expected.assert_same(&program, &checkpoint(&program).await);
        });
    }

    #[test]
    fn a_program_re_entered_at_random_does_the_same(program in program(), seed in any::<u64>()) {
        on_one_thread(&program, async |expected| {
            expected.assert_same(&program, &moody(&program, seed).await);
        });
    }

    #[test]
    fn a_program_advanced_target_by_target_does_the_same(program in program(), seed in any::<u64>()) {
        on_one_thread(&program, async |expected| {
            expected.assert_same(&program, &targets(&program, seed).await);
        });
    }
}

// A file for each is slow.
#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_program_on_a_file_does_the_same(program in program()) {
        probe::waits_for_others();
        on_one_thread(&program, async |expected| {
            expected.assert_same(&program, &runs::sqlite(&program, false).await);
        });
    }

    #[test]
    fn a_program_on_a_file_that_suspends_at_every_wait_does_the_same(program in program()) {
        probe::waits_for_others();
        on_one_thread(&program, async |expected| {
            expected.assert_same(&program, &runs::sqlite(&program, true).await);
        });
    }
}
