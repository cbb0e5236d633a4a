// hazard: clock - a struct with a default type parameter
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn secs(&self) -> u64; }
#[derive(Default)] struct Wall;
impl Clock for Wall { fn secs(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
struct Fixed; impl Clock for Fixed { fn secs(&self) -> u64 { 0 } }
struct Limiter<C = Wall> { clock: C, max: u64 }
impl Limiter { fn new(max: u64) -> Limiter { Limiter { clock: Wall, max } } }
impl<C: Clock> Limiter<C> { fn allow(&self) -> bool { self.clock.secs() < self.max } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let l = Limiter::new(5);
    Ok(u32::from(l.allow())) //~ clock
}

fn main() {}
