// trap: an own FxHashMap that is a BTreeMap
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
type FxHashMap<K, V> = std::collections::BTreeMap<K, V>;
fn first(m: &FxHashMap<u32, u32>) -> u32 { m.keys().next().copied().unwrap_or(0) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: FxHashMap<u32, u32> = FxHashMap::new();
    Ok(input + first(&m))
}

fn main() {}
