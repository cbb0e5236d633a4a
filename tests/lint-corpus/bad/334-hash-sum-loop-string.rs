// hazard: hash-order - hash sum loop string
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, String> = [(input, String::new())].into();
    let mut all = String::new();
    for v in m.values() { //~ hash-order
        all += v;
    }
    Ok(all.len() as u32)
}

fn main() {}
