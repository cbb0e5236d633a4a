//! Times that are no clocks, and clocks that are read in steps.
#![deny(warnings)]
use std::time::{Duration, SystemTime};

use owf_runtime::prelude::*;

#[derive(Clone)]
struct Lap {
    took: Duration,
}

impl Lap {
    fn elapsed(self) -> Duration {
        self.took
    }
}

struct Stopwatch(u64);

impl Stopwatch {
    fn elapsed(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

trait Elapsed {
    fn elapsed(&self) -> u64;
}

impl Elapsed for u64 {
    fn elapsed(&self) -> u64 {
        *self
    }
}

#[durable]
async fn generic<T: Elapsed + Sync>(timer: &T) -> u64 {
    timer.elapsed()
}

#[workflow]
async fn measured(n: u64) -> WorkflowResult<u64> {
    let started = SystemTime::UNIX_EPOCH;
    let waited = step!("waited", started.elapsed().map_or(0, |age| age.as_secs())).await?;
    let until = started + Duration::from_secs(n);
    let lap = Lap { took: until.duration_since(started).unwrap_or_default() };
    let mut watch = Stopwatch(n);
    let mut watches = [Stopwatch(1), Stopwatch(2)];
    let sum = watch.elapsed() + watches[0].elapsed() + watches.iter_mut().map(|watch| watch.elapsed()).sum::<u64>();
    #[owf::allow(wall_clock, reason = "only logged")]
    let logged = started.elapsed();
    drop(logged);
    let own = generic(&n).await;
    Ok(own + waited + sum + lap.clone().elapsed().as_secs() + lap.elapsed().as_secs())
}

fn main() {}
