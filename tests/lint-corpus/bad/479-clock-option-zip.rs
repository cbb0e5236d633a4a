// hazard: clock - and_then and zip over options
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Probe(u32);
impl Probe { fn read(&self) -> u64 { u64::from(self.0) + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
fn find(n: u32) -> Option<Probe> { (n > 2).then_some(Probe(n)) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u64> {
    let n = find(input).and_then(|p| find(p.0 + 1)).map(|p| p.read()); //~ clock
    Ok(n.unwrap_or(0))
}

fn main() {}
