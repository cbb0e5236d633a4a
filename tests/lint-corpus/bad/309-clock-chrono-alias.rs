// hazard: clock - clock chrono alias
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use chrono::Utc as Z;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = Z::now(); //~ clock
    Ok(input + t.timestamp() as u32)
}

fn main() {}
