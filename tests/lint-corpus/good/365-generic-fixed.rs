// trap: generic service with the fixed clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn read(&self) -> u64; }
struct Wall; struct Fixed(u64);
impl Clock for Wall { fn read(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
impl Clock for Fixed { fn read(&self) -> u64 { self.0 } }
struct Service<C> { clock: C }
impl<C: Clock> Service<C> { fn late(&self) -> bool { self.clock.read() > 5 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = Service { clock: Fixed(u64::from(input)) };
    Ok(s.late() as u32)
}

fn main() {}
