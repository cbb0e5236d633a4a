// hazard: clock - macro calls a macro that reads the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! now_ms { () => { std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as u64 }; }
macro_rules! deadline { ($plus:expr) => { now_ms!() + $plus }; }

#[workflow]
async fn approve(limit: u64) -> WorkflowResult<u64> {
    let until = deadline!(limit); //~ clock
    Ok(step!("ask", { until }).await?)
}

fn main() {}
