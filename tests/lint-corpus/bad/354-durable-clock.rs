// hazard: clock - durable clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[durable]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + std::time::SystemTime::now().elapsed().map_or(0, |d| d.as_secs() as u32)) //~ clock
}

fn main() {}
