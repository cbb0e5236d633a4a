//! An order on SQLite that survives whatever happens to this process.
//!
//! ```sh
//! cargo run --features sqlite --example durable                   # stop it at any time, with Ctrl-C or `kill -9`
//! cargo run --features sqlite --example durable                   # goes on where it stood; a second terminal takes over at once
//! cargo run --features sqlite --example durable -- other.db 50    # another file, and steps of 50 ms
//! ```

mod workflow;

use std::collections::HashSet;
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{RunHandle, RunStatus, StepOutcome, StepRecord};

use workflow::{Order, process};

/// How often the progress is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "orders.db".to_owned());
    let step_ms = arguments.next().map_or(Ok(1_000), |number| number.parse())?;

    let client = WorkflowClient::new(SqliteDriver::open(&file)?);
    let order = Order { id: "order-42".to_owned(), cents: 4_200, step_ms };
    let run = client.start(process, order).id("order-42").await?;
    println!("order-42 in {file}, process {}: stop it at any time, and run the command again", std::process::id());

    show_progress(&run).await?;
    println!("Result: {}\n", run.result().await?);
    show_steps(&run.steps().await?);
    Ok(())
}

/// Tells of each step as it ends, whichever process has executed it.
async fn show_progress(run: &RunHandle<process>) -> Result<(), RunError> {
    let (mut told, mut said) = (HashSet::new(), None);
    loop {
        let is_over = run.status().await? != RunStatus::Running;
        for step in run.steps().await? {
            if told.insert((step.id.to_string(), step.attempt)) {
                println!("  {:8} {}", step.id, outcome(&step));
            }
        }
        let details = run.details::<String>().await?.filter(|details| said.as_ref() != Some(details));
        if let Some(details) = details.filter(|_| !is_over) {
            println!("→ {details}");
            said = Some(details);
        }
        if is_over {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The table of steps, with their times and attempts.
fn show_steps(steps: &[StepRecord]) {
    let Some(first) = steps.first() else { return };
    println!("{:10} {:>7}  {:>9}  {:>9}  outcome", "step", "attempt", "after", "took");
    for step in steps {
        let after = step.started_at.duration_since(first.started_at).unwrap_or_default();
        let times = [after, step.duration()].map(|time| format!("{:.2} s", time.as_secs_f64()));
        println!("{:10} {:>7}  {:>9}  {:>9}  {}", step.id, step.attempt, times[0], times[1], outcome(step));
    }
}

fn outcome(step: &StepRecord) -> String {
    match &step.outcome {
        StepOutcome::Succeeded { .. } => "ok".to_owned(),
        StepOutcome::Retrying { failure, .. } => format!("{failure}, is tried again"),
        StepOutcome::Failed { failure } => failure.to_string(),
    }
}
