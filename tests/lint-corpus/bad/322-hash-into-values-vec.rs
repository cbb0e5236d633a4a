// hazard: hash-order - hash into values vec
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn index(n: u32) -> std::collections::HashMap<u32, u32> {
    [(n, n)].into()
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m = index(input);
    let v = m.into_values().collect::<Vec<_>>(); //~ hash-order
    Ok(v[0])
}

fn main() {}
