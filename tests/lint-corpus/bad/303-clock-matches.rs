// hazard: clock - clock matches
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    if matches!(std::time::Instant::now(), _t) { //~ clock
        return Ok(1);
    }
    Ok(input)
}

fn main() {}
