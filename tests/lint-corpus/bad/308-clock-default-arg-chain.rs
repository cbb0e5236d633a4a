// hazard: clock - clock default arg chain
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn unix() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = Some(1u64).map_or_else(unix, |v| v); //~ clock
    Ok(input + t as u32)
}

fn main() {}
