// trap: file name only
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let name = std::path::PathBuf::from("a/b");
    Ok(input + name.components().count() as u32)
}

fn main() {}
