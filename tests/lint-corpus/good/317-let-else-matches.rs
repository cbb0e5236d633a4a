// trap: let else matches
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let Some(n) = Some(input) else { return Ok(0) };
    if matches!(n, 1..=9) {
        return Ok(n);
    }
    Ok(n + 1)
}

fn main() {}
