// trap: hashbrown sorted
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m = hashbrown::HashMap::new();
    m.insert(1u32, input);
    let mut v: Vec<u32> = m.keys().copied().collect();
    v.sort();
    Ok(v[0] + m.values().sum::<u32>())
}

fn main() {}
