// trap: FxHashMap sorted in a helper
// needs: rustc-hash
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
fn names(m: &FxHashMap<u32, u32>) -> Vec<u32> { let mut v: Vec<u32> = m.keys().copied().collect(); v.sort(); v }
fn ordered(m: FxHashSet<u32>) -> std::collections::BTreeSet<u32> { m.into_iter().collect() }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m = FxHashMap::default();
    m.insert(1u32, input);
    Ok(names(&m)[0] + ordered(FxHashSet::default()).len() as u32)
}

fn main() {}
