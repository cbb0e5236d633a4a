// hazard: hash-order - loop condition on total
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut n = 0;
    for v in m.values() { //~ hash-order
        if n < 10 {
            n += v;
        }
    }
    Ok(n)
}

fn main() {}
