//! Opt-outs that are wrong.

use owf_runtime::prelude::*;

#[workflow(allow(wall_clock))]
async fn no_reason(value: u32) -> WorkflowResult<u32> {
    println!("{:?}", std::time::SystemTime::now());
    Ok(value)
}

#[workflow(allow(clock, reason = "unknown"))]
async fn unknown(value: u32) -> WorkflowResult<u32> {
    Ok(value)
}

#[workflow(allow = wall_clock)]
async fn no_list(value: u32) -> WorkflowResult<u32> {
    Ok(value)
}

#[workflow]
async fn statements(value: u32) -> WorkflowResult<u32> {
    #[owf::allow(io, hash_iteration, reason = "nothing to silence")]
    let sum = value + 1;
    #[owf::allow(wall_clock, reason = "")]
    let time = std::time::SystemTime::now();
    println!("{time:?}");
    Ok(sum)
}

fn main() {}
