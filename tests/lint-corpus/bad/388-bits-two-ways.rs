// hazard: hash-order - flags in two ways
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<u32, u32> = HashMap::from([(1, input)]);
    let mut bits = 0u32;
    for v in m.values() { bits |= v; bits &= 7 * v; } //~ hash-order
    Ok(bits)
}

fn main() {}
