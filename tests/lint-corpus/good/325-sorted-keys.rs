// trap: sorted keys
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut keys: Vec<_> = m.keys().copied().collect();
    keys.sort_unstable();
    Ok(keys[0])
}

fn main() {}
