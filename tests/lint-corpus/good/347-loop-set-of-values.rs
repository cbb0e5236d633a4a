// trap: loop set of values
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut seen = std::collections::BTreeSet::new();
    for v in m.values() {
        seen.insert(*v);
    }
    Ok(seen.len() as u32)
}

fn main() {}
