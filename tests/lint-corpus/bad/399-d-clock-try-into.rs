// hazard: clock - try_into with a typed let
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Slot(u64);
impl TryFrom<u32> for Slot { type Error = String; fn try_from(n: u32) -> Result<Self, String> { Ok(Slot(n as u64 + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()))) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s: Slot = input.try_into().unwrap(); //~ clock
    Ok(s.0 as u32)
}

fn main() {}
