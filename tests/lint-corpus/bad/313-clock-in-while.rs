// hazard: clock - clock in while
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut n = input;
    while std::time::SystemTime::now() < std::time::UNIX_EPOCH { //~ clock
        n += 1;
    }
    Ok(n)
}

fn main() {}
