// trap: sets in the entries of a map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<String, u32> = HashMap::from([("a".to_string(), input)]);
    let mut by: HashMap<u32, HashSet<String>> = HashMap::new();
    for (k, v) in &m { by.entry(*v).or_default().insert(k.clone()); }
    Ok(by.len() as u32)
}

fn main() {}
