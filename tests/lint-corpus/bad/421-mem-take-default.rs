// hazard: clock - mem::take puts an own Default in
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
struct At(SystemTime);
impl Default for At { fn default() -> Self { At(SystemTime::now()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut at = At(SystemTime::UNIX_EPOCH);
    let old = std::mem::take(&mut at); //~ clock
    Ok(input)
}

fn main() {}
