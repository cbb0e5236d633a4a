//! Kills a process that executes workflows, again and again, and looks whether anything was lost or done twice.
//!
//! ```text
//! cargo run --release --example torture --features sqlite -- [--kills N] [--stops N] [--runs N] [--seed S] [--seconds MAX]
//! ```
//!
//! First one worker at a time, which is killed with `SIGKILL` at random moments; then two workers on one file, one of which is stopped for
//! longer than its lease and goes on later. The seed decides what the workflows do and when a worker is killed.

mod audit;
mod ledger;
mod plan;
mod torture;
mod worker;
mod workflows;

use std::process::{Command, ExitCode};
use std::time::Duration;

use torture::{Settings, Summary};

fn main() -> ExitCode {
    if let Some(ended) = worker::run_if_asked() {
        return ended;
    }
    match settings().and_then(|settings| torture::run(&settings, &worker_command)) {
        Ok(summary) => {
            print(&summary);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn print(summary: &Summary) {
    let Summary { runs, steps, effects, kills, stops, took } = summary;
    println!("{runs} runs, {steps} recorded attempts, {effects} effects, {kills} kills, {stops} stops, {took:.1?}");
    println!("every run finished with its result, no recorded step ran again, no signal was lost or delivered twice");
}

/// A worker is this program again.
fn worker_command() -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program has no path: {error}"))?;
    Ok(Command::new(program))
}

fn settings() -> Result<Settings, String> {
    let mut settings =
        Settings { kills: 200, stops: 10, runs: 200, seed: plan::any_seed(), limit: Duration::from_secs(600) };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse::<u64>().ok());
        let number = value.ok_or_else(|| format!("`{name}` needs a number"))?;
        let count = usize::try_from(number).map_err(|_| format!("`{name}` is too large"))?;
        match name.as_str() {
            "--kills" => settings.kills = count,
            "--stops" => settings.stops = count,
            "--runs" => settings.runs = count.max(2),
            "--seed" => settings.seed = number,
            "--seconds" => settings.limit = Duration::from_secs(number),
            _ => return Err(format!("`{name}` is none of --kills, --stops, --runs, --seed, --seconds")),
        }
    }
    Ok(settings)
}
