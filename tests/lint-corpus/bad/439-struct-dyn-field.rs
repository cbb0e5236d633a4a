// hazard: clock - a struct holds Box<dyn Clock>, built with the wall clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock: Send + Sync { fn secs(&self) -> u64; }
struct Fixed(u64); struct Wall;
impl Clock for Fixed { fn secs(&self) -> u64 { self.0 } }
impl Clock for Wall { fn secs(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
struct App { clock: Box<dyn Clock> }
impl App { fn late(&self) -> bool { self.clock.secs() > 5 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let app = App { clock: Box::new(Wall) };
    Ok(u32::from(app.late())) //~ clock
}

fn main() {}
