// hazard: clock - macro calls elapsed on its argument
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! age { ($t:expr) => { $t.elapsed().map_or(0, |d| d.as_secs()) }; }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let t = std::time::UNIX_EPOCH;
    Ok(age!(t) + input) //~ clock
}

fn main() {}
