// trap: dependency injection with the fixed one of two clocks
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn now(&self) -> u64; }
struct SystemClock; struct FixedClock(u64);
impl Clock for SystemClock { fn now(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
impl Clock for FixedClock { fn now(&self) -> u64 { self.0 } }
struct Pricing<C: Clock> { clock: C }
impl<C: Clock> Pricing<C> { fn new(clock: C) -> Self { Pricing { clock } } fn price(&self, n: u32) -> u32 { n + self.clock.now() as u32 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let at = now("at").await?.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let p = Pricing::new(FixedClock(at));
    Ok(p.price(input))
}

fn main() {}
