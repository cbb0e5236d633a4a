//! `owf::threads`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

#[workflow]
async fn add(parts: Vec<u32>) -> WorkflowResult<u32> {
    #[owf::allow(threads, reason = "only printed")]
    println!("{:?}", std::thread::current().name());
    Ok(step!("sum", std::thread::scope(|_| parts.iter().sum::<u32>())).await?)
}

fn main() {}
