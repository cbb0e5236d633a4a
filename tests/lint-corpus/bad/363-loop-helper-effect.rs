// hazard: hash-order - loop helper effect
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn add(n: &mut u32, v: u32) {
    *n = *n * 2 + v;
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut n = 0u32;
    for v in m.values() { //~ hash-order
        add(&mut n, *v);
    }
    Ok(n)
}

fn main() {}
