// hazard: clock - ..Default::default() of a user's struct
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Audit { at: std::time::SystemTime, n: u32 }
impl Default for Audit { fn default() -> Self { Audit { at: std::time::SystemTime::now(), n: 1 } } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a = Audit { n: input, ..Default::default() }; //~ clock
    Ok(a.n)
}

fn main() {}
