// hazard: hash-order - loop last wins
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut by_value = std::collections::BTreeMap::new();
    for (k, v) in &m { //~ hash-order
        by_value.insert(*v, *k);
    }
    Ok(by_value[&1])
}

fn main() {}
