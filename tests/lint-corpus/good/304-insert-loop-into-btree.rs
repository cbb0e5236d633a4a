// trap: insert loop into btree
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut sorted = std::collections::BTreeMap::new();
    for (k, v) in m {
        sorted.insert(k, v);
    }
    Ok(sorted.len() as u32)
}

fn main() {}
