//! Clocks that are read through a value.
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use owf_runtime::prelude::*;

struct Timer {
    started: Arc<Mutex<Instant>>,
}

fn start() -> Instant {
    Instant::now()
}

#[durable]
async fn read(started: SystemTime, timer: &Timer, ticks: Vec<tokio::time::Instant>) -> WorkflowResult<u64> {
    let since = UNIX_EPOCH.elapsed().map_or(0, |age| age.as_secs());
    let waited = started.elapsed().map_or(0, |age| age.as_secs());
    let own = start().elapsed();
    let locked = timer.started.lock().unwrap().elapsed();
    let ticks: u64 = ticks.iter().map(|tick| tick.elapsed().as_secs()).sum();
    Ok(since + waited + (own + locked).as_secs() + ticks)
}

fn main() {}
