// hazard: hash-order - hash helper join
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn listed(m: &std::collections::HashMap<u32, u32>) -> String {
    m.keys().map(|k| k.to_string()).collect::<Vec<_>>().join(",")
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let s = listed(&m); //~ hash-order
    Ok(s.len() as u32)
}

fn main() {}
