// hazard: clock - clock iter repeat with
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let v: Vec<_> = std::iter::repeat_with(std::time::Instant::now).take(2).collect(); //~ clock
    Ok(input + v.len() as u32)
}

fn main() {}
