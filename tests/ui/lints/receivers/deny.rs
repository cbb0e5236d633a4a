//! Whose method a call means is told by the types in the file.

use std::time::{Instant, SystemTime};

use owf_runtime::prelude::*;

trait Clock {
    fn unix(&self) -> u64;

    fn is_late(&self) -> bool {
        self.unix() > 3
    }
}

struct Real;

impl Clock for Real {
    fn unix(&self) -> u64 {
        SystemTime::UNIX_EPOCH.elapsed().map_or(0, |age| age.as_secs())
    }
}

struct Services<C> {
    clock: C,
    started: Option<Instant>,
}

impl<C: Clock> Services<C> {
    fn age(&self) -> u64 {
        self.clock.unix()
    }

    fn waited(&self) -> u64 {
        self.started.map_or(0, |started| started.elapsed().as_secs())
    }
}

fn services() -> Services<Real> {
    Services { clock: Real, started: None }
}

fn is_over(clock: &dyn Clock) -> bool {
    clock.unix() > 5
}

#[workflow]
async fn run(name: String) -> WorkflowResult<u64> {
    let services = services();
    let sum = services.clock.unix() + services.age() + services.waited();
    let boxed: Box<dyn Clock + Send> = Box::new(Real);
    let is_late = boxed.is_late() || Clock::is_late(&Real) || is_over(&Real);
    Ok(sum + name.len() as u64 + u64::from(is_late))
}

struct Shop {
    clock: Real,
}

impl Shop {
    fn opened(&self) -> u64 {
        self.clock.unix()
    }

    #[durable]
    async fn sell(&self, count: u64) -> WorkflowResult<u64> {
        let at = self.opened();
        Ok(step!("sell", count + at).await?)
    }
}

fn main() {}
