// hazard: io - io path join is file
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let there = std::path::Path::new("a").join("b").is_file(); //~ io
    Ok(input + u32::from(there))
}

fn main() {}
