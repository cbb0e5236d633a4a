// hazard: hash-order - a map inside an Option iterated by flatten
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: Option<HashMap<u32, u32>> = Some(HashMap::from([(1, input)]));
    let v: Vec<u32> = m.into_iter().flatten().map(|(k, _)| k).collect(); //~ hash-order
    Ok(v[0])
}

fn main() {}
