// hazard: clock - method in fold over structs
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Probe(u32);
impl Probe { fn read(&self) -> u64 { u64::from(self.0) + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u64> {
    let all: Vec<Probe> = (0..input).map(Probe).collect();
    Ok(all.iter().fold(0, |sum, probe| sum + probe.read())) //~ clock
}

fn main() {}
