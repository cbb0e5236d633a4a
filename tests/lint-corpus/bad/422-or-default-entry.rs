// hazard: random - entry().or_default() of an own Default
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::BTreeMap;
struct Key(u64);
impl Default for Key { fn default() -> Self { Key(rand::random()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut keys: BTreeMap<u32, Key> = BTreeMap::new();
    let k = keys.entry(input).or_default().0; //~ random
    Ok(k as u32)
}

fn main() {}
