// trap: helper with own std module
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
mod tools {
    pub mod fs {
        pub fn read(n: u32) -> u32 {
            n
        }
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(tools::fs::read(input))
}

fn main() {}
