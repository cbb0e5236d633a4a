// trap: path strings
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let p = std::path::Path::new("a").join("b.txt");
    Ok(input + p.extension().map_or(0, |e| e.len() as u32))
}

fn main() {}
