// trap: sums whose variables one let declares
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<String, u32> = HashMap::from([("a".to_string(), input)]);
    let (mut total, mut n) = (0u32, 0usize);
    for (k, v) in &m { total += v; n += 1; if *v > 100 { total += 1; } }
    Ok(total)
}

fn main() {}
