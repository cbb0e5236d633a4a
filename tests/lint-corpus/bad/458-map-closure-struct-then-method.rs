// hazard: clock - chain: map to a struct, then its method
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Job { id: u32 }
impl Job { fn age(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) - u64::from(self.id) } }

#[workflow]
async fn w(input: Vec<u32>) -> WorkflowResult<u64> {
    Ok(input.into_iter().map(|id| Job { id }).map(|job| job.age()).sum()) //~ clock
}

fn main() {}
