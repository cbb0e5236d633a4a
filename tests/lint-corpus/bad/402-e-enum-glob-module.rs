// hazard: clock - an enum's glob beside a module's
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
mod clock { pub fn now() -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
#[derive(Clone, Copy)] enum Mode { Fast, Slow }
use Mode::*;
use clock::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + clock::now() as u32) //~ clock
}

fn main() {}
