// hazard: clock - generic over a backend with an associated clock type
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn now() -> u64; }
struct Wall;
impl Clock for Wall { fn now() -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
trait Backend { type C: Clock; fn at(&self) -> u64 { Self::C::now() } }
struct Prod;
impl Backend for Prod { type C = Wall; }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> { Ok(Prod.at() + input) } //~ clock

fn main() {}
