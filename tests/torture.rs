//! A short torture of the durable driver: `examples/torture`, with workers that are this test's process again.

#[path = "../examples/torture/audit.rs"]
mod audit;
#[path = "../examples/torture/ledger.rs"]
mod ledger;
#[path = "../examples/torture/plan.rs"]
mod plan;
#[path = "../examples/torture/torture.rs"]
mod torture;
#[path = "../examples/torture/worker.rs"]
mod worker;
#[path = "../examples/torture/workflows.rs"]
mod workflows;

use std::process::Command;
use std::time::Duration;

use torture::Settings;

/// Not a test of its own: without its variables it does nothing.
#[test]
fn the_process_that_is_killed() {
    let _ = worker::run_if_asked();
}

fn worker_command() -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["--exact", "the_process_that_is_killed", "--nocapture"]);
    Ok(command)
}

#[test]
fn nothing_is_lost_or_done_twice_by_processes_that_are_killed_or_stopped() {
    let limit = Duration::from_secs(120);
    let settings = Settings { kills: 15, stops: 3, runs: 40, seed: plan::any_seed(), limit };
    let summary = torture::run(&settings, &worker_command).unwrap_or_else(|problem| panic!("{problem}"));
    assert!(summary.kills >= 15 && summary.stops >= 3, "{summary:?}");
}
