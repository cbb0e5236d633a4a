//! `owf::threads`: what it finds.

use owf_runtime::prelude::*;

#[workflow]
async fn add(parts: Vec<u32>) -> WorkflowResult<u32> {
    let sum = std::thread::spawn(move || parts.iter().sum::<u32>()).join().unwrap_or(0);
    println!("{:?}", std::thread::current().name());
    Ok(sum)
}

fn main() {}
