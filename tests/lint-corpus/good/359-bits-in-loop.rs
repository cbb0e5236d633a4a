// trap: flags over a map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<u32, u32> = HashMap::from([(1, input)]);
    let (mut any, mut all, mut bits) = (false, true, 0u32);
    for v in m.values() { any |= *v > 3; }
    for v in m.values() { all &= *v > 3; }
    for (k, v) in &m { bits ^= k * v; }
    Ok(any as u32 + all as u32 + bits)
}

fn main() {}
