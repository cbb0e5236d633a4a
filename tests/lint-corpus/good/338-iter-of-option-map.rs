// trap: iter of option map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: Option<std::collections::HashMap<u32, u32>> = None;
    let n = m.iter().next().map_or(0, |m| m.len());
    Ok(input + n as u32)
}

fn main() {}
