// hazard: io - io exists var
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let p = std::path::PathBuf::from("a");
    let there = p.exists(); //~ io
    Ok(input + u32::from(there))
}

fn main() {}
