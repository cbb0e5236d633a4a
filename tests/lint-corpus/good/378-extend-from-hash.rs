// trap: sets and maps are filled from a hash map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<String, u32> = HashMap::from([("a".to_string(), input)]);
    let mut all = BTreeMap::new();
    all.extend(m.iter());
    let mut s = BTreeSet::new();
    s.extend(m.keys().cloned());
    let mut h: HashSet<u32> = HashSet::new();
    h.extend(m.values().copied().filter(|v| *v > 1));
    let mut o = HashMap::new();
    o.extend(m.iter().map(|(k, v)| (k.clone(), *v)));
    o.extend(m.clone());
    Ok((all.len() + s.len() + h.len() + o.len()) as u32)
}

fn main() {}
