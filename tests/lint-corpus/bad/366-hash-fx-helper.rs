// hazard: hash-order - FxHashMap iterated in a helper
// needs: rustc-hash
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use rustc_hash::FxHashMap;
fn listed(m: &FxHashMap<u32, u32>) -> Vec<u32> { m.keys().copied().collect() }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m: FxHashMap<u32, u32> = FxHashMap::default();
    m.insert(1, input);
    let names = listed(&m); //~ hash-order
    Ok(names[0])
}

fn main() {}
