// hazard: clock - Service<Wall> holds the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn read(&self) -> u64; }
struct Wall;
impl Clock for Wall { fn read(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
struct Service<C> { clock: C }
impl<C: Clock> Service<C> { fn late(&self) -> bool { self.clock.read() > 5 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = Service { clock: Wall };
    if s.late() { return Ok(0); } //~ clock
    Ok(input)
}

fn main() {}
