// hazard: clock - clock struct field init
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Job {
    at: std::time::Instant,
    n: u32,
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let job = Job { at: std::time::Instant::now(), n: input }; //~ clock
    let _ = job.at;
    Ok(job.n)
}

fn main() {}
