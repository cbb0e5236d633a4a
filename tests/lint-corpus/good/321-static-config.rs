// trap: static config
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
static LIMITS: [u32; 2] = [1, 2];

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + LIMITS[0])
}

fn main() {}
