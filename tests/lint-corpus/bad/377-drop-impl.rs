// hazard: io - Drop of a guard writes a file
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Guard;
impl Drop for Guard { fn drop(&mut self) { std::fs::remove_file("/tmp/lock").ok(); } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let _g = Guard; //~ io
    Ok(input)
}

fn main() {}
