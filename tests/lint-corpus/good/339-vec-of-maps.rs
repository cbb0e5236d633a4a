// trap: vec of maps
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let v: Vec<std::collections::HashMap<u32, u32>> = vec![];
    let mut n = input;
    for m in &v {
        n += m.len() as u32;
    }
    Ok(n)
}

fn main() {}
