// hazard: clock - clock glob nested
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
mod clocks {
    pub mod wall {
        pub use std::time::*;
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = clocks::wall::SystemTime::now(); //~ clock
    let _ = t;
    Ok(input)
}

fn main() {}
