// hazard: clock - a helper returns Box<dyn Clock> of the wall, a fixed one exists
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn secs(&self) -> u64; }
struct Fixed(u64); struct Wall;
impl Clock for Fixed { fn secs(&self) -> u64 { self.0 } }
impl Clock for Wall { fn secs(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
fn clock() -> Box<dyn Clock> { Box::new(Wall) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = clock().secs(); //~ clock
    Ok(input + n as u32)
}

fn main() {}
