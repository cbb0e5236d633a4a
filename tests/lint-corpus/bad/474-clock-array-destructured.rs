// hazard: clock - arrays of structs with impure methods
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Probe(u32);
impl Probe { fn read(&self) -> u64 { u64::from(self.0) + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u64> {
    let [a, b] = [Probe(input), Probe(2)];
    Ok(a.read() + b.0 as u64) //~ clock
}

fn main() {}
