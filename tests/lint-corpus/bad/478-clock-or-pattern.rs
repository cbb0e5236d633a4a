// hazard: clock - or-pattern binds a struct
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Probe(u32);
impl Probe { fn read(&self) -> u64 { u64::from(self.0) + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
enum Source { A(Probe), B(Probe), C }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u64> {
    let source = if input > 3 { Source::A(Probe(1)) } else { Source::B(Probe(2)) };
    match source {
        Source::A(p) | Source::B(p) => Ok(p.read()), //~ clock
        Source::C => Ok(0),
    }
}

fn main() {}
