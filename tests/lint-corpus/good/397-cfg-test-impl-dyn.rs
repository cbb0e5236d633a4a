// trap: impl behind cfg(test) on the item
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock: Send + Sync { fn now(&self) -> u64; }
struct Fixed(u64);
impl Clock for Fixed { fn now(&self) -> u64 { self.0 } }
#[cfg(test)]
struct Wall;
#[cfg(test)]
impl Clock for Wall { fn now(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
fn read(clock: &dyn Clock) -> u64 { clock.now() }
fn pick(n: u64) -> Box<dyn Clock> { let c = Fixed(n); Box::new(c) }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> { Ok(read(pick(input).as_ref())) }

fn main() {}
