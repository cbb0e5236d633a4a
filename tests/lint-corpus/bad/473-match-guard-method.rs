// hazard: clock - guard calls a method
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Lease { until: u64 }
impl Lease { fn over(&self) -> bool { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) > self.until } }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let lease = Lease { until: input };
    match lease {
        l if l.over() => Ok(0), //~ clock
        Lease { until } => Ok(until),
    }
}

fn main() {}
