// hazard: hash-order - loop two ways
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut n = 0;
    for v in m.values() { //~ hash-order
        n += v;
        n = n.max(3);
    }
    Ok(n)
}

fn main() {}
