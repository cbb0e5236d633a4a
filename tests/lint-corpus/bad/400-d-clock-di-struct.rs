// hazard: clock - dependency injection: Service::new(SystemClock)
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn now(&self) -> u64; }
struct SystemClock;
impl Clock for SystemClock { fn now(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
struct Pricing<C: Clock> { clock: C }
impl<C: Clock> Pricing<C> {
    fn new(clock: C) -> Self { Pricing { clock } }
    fn price(&self, n: u32) -> u32 { if self.clock.now() % 2 == 0 { n } else { n * 2 } }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let p = Pricing::new(SystemClock);
    Ok(p.price(input)) //~ clock
}

fn main() {}
