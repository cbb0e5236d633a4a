// trap: a trait's default is bad, the impl overrides it
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Clock { fn read(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
struct Fixed;
impl Clock for Fixed { fn read(&self) -> u64 { 5 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + Fixed.read() as u32)
}

fn main() {}
