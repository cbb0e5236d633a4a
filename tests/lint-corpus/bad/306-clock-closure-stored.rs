// hazard: clock - clock closure stored
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let read = || std::time::SystemTime::now(); //~ clock
    let _ = read();
    Ok(input)
}

fn main() {}
