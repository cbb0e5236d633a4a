// hazard: clock - a user's Add reads the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Age(u32);
impl std::ops::Add<u32> for Age { type Output = u32; fn add(self, n: u32) -> u32 { n + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.subsec_nanos()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = Age(1) + input; //~ clock
    Ok(n)
}

fn main() {}
