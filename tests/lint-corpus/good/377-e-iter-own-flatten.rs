// trap: flatten, flat_map, zip, chain over Vecs and BTreeMaps
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::from([(1, BTreeSet::from([input]))]);
    let all: Vec<u32> = m.values().flatten().copied().collect();
    let z: Vec<(u32, u32)> = all.iter().copied().zip(m.keys().copied()).collect();
    let c: Vec<u32> = all.iter().chain(m.keys()).copied().collect();
    let o: Option<BTreeMap<u32, u32>> = None;
    let f: Vec<u32> = o.into_iter().flatten().map(|(k, _)| k).collect();
    Ok(z.len() as u32 + c.len() as u32 + f.len() as u32)
}

fn main() {}
