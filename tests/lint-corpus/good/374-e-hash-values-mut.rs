// trap: each value by itself
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m: HashMap<u32, u32> = HashMap::from([(1, input)]);
    for v in m.values_mut() { *v += 1; }
    for (k, v) in m.iter_mut() { *v *= k; }
    m.iter_mut().for_each(|(_, v)| *v += 1);
    Ok(m[&1])
}

fn main() {}
