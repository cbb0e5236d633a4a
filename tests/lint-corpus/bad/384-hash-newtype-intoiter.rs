// hazard: hash-order - IntoIterator for a newtype over a map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
struct Index(HashMap<u32, u32>);
impl IntoIterator for Index { type Item = (u32, u32); type IntoIter = std::collections::hash_map::IntoIter<u32, u32>; fn into_iter(self) -> Self::IntoIter { self.0.into_iter() } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let i = Index(HashMap::from([(1, input)]));
    let mut out = vec![];
    for (k, _) in i { out.push(k); } //~ hash-order
    Ok(out[0])
}

fn main() {}
