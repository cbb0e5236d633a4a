// hazard: clock - const struct with a function pointer
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Env { now: fn() -> std::time::SystemTime }
const REAL: Env = Env { now: std::time::SystemTime::now };

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = (REAL.now)(); //~ clock
    let _ = t;
    Ok(input)
}

fn main() {}
