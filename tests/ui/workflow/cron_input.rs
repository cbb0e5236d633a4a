use owf_runtime::prelude::*;
use owf_runtime::CronTick;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Day {
    number: u32,
}

#[workflow(cron = "0 2 * * *")]
async fn number(n: u32) -> WorkflowResult<u32> {
    Ok(n)
}

#[workflow(event = "day.begun", cron = "0 2 * * *", timezone = "Europe/Amsterdam")]
async fn own_type(day: Day) -> u32 {
    day.number
}

#[workflow(cron = "0 2 * * *")]
async fn perhaps(tick: Option<CronTick>) {
    let _ = tick;
}

fn main() {}
