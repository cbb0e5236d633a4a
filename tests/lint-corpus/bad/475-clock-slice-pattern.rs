// hazard: clock - slice pattern of a vec
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Probe(u32);
impl Probe { fn read(&self) -> u64 { u64::from(self.0) + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u64> {
    let all = vec![Probe(input), Probe(2)];
    if let [first, .., last] = all.as_slice() { return Ok(first.read() + last.0 as u64); } //~ clock
    Ok(0)
}

fn main() {}
