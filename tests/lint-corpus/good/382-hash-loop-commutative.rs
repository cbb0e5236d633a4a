// trap: loops over maps that only add, count, insert into sets and maps, and check
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<String, u32> = HashMap::from([("a".to_string(), input)]);
    let (mut total, mut n, mut any) = (0u32, 0usize, false);
    let mut names = BTreeSet::new();
    let mut by: HashMap<u32, HashSet<String>> = HashMap::new();
    let mut most = 0;
    for (k, v) in &m {
        total += v;
        n += 1;
        any |= *v > 3;
        names.insert(k.clone());
        by.entry(*v).or_default().insert(k.clone());
        most = most.max(*v);
        if *v > 100 { total += 1; }
    }
    Ok(total + n as u32 + u32::from(any) + names.len() as u32 + most)
}

fn main() {}
