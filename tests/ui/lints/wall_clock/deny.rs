//! `owf::wall_clock`: what it finds.

use std::time::{Instant as Tick, SystemTime, UNIX_EPOCH};

use owf_runtime::prelude::*;

fn age(of: SystemTime) -> u64 {
    seconds(SystemTime::now()) - seconds(of)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or(0)
}

#[workflow]
async fn remind(user: String) -> WorkflowResult<u64> {
    let started = SystemTime::now();
    let tick = Tick::now();
    let clock = std::time::SystemTime::now;
    if age(started) > 3600 {
        return Ok(0);
    }
    let since = UNIX_EPOCH.elapsed().map(|since| since.as_secs()).unwrap_or(0);
    let text = format!("{user} {:?}", vec![SystemTime::now()]);
    Ok(since + text.len() as u64 + seconds(clock()) + u64::from(tick > Tick::now()))
}

struct Ages;

impl Ages {
    #[durable]
    async fn since(&self, then: u64) -> u64 {
        seconds(SystemTime::now()) - then
    }
}

fn main() {}
