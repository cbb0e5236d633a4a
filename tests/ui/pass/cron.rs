//! What a schedule can start: workflows that take nothing, or the tick.
#![deny(warnings)]

use owf_runtime::CronTick;
use owf_runtime::prelude::*;

#[workflow(cron = "0 2 * * *")]
async fn nothing() {}

#[workflow(cron = "*/15 9-17 * * MON-FRI", timezone = "Europe/Amsterdam")]
async fn unit(_: ()) -> WorkflowResult<()> {
    Ok(())
}

#[workflow(cron = "0 2 * * *")]
async fn tick(tick: CronTick) -> WorkflowResult<std::time::SystemTime> {
    Ok(tick.scheduled_at)
}

#[workflow(cron = "0 2 * * *")]
async fn by_path(_tick: owf_runtime::CronTick) {}

type Tick = CronTick;

#[workflow(cron = "0 2 * * *", event = "tick")]
async fn by_another_name(_tick: Tick) {}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = WorkflowClient::new(InMemoryDriver::new());
    client.register(nothing).unwrap();
    client.register(unit).unwrap();
    client.register(tick).unwrap();
    client.register(by_path).unwrap();
    client.register(by_another_name).unwrap();
}
