// hazard: hash-order - hash sum floats loop
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, f64> = [(input, 1.5)].into();
    let mut total = 0.0;
    for v in m.values() { //~ hash-order
        total += v;
    }
    Ok(total as u32)
}

fn main() {}
