// trap: closure over a recorded time is called in a step
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
use std::path::PathBuf;

#[workflow]
async fn w(input: String) -> WorkflowResult<u64> {
    let begun: SystemTime = step!("begun", { SystemTime::now() }).await?;
    let age = || begun.elapsed().map_or(0, |d| d.as_secs());
    let path = PathBuf::from(&input);
    let there = || path.exists();
    let n = step!("age", { if there() { age() } else { 0 } }).await?;
    Ok(n)
}

fn main() {}
