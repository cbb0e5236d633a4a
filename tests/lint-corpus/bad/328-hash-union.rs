// hazard: hash-order - hash union
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashSet;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a: HashSet<u32> = [1].into();
    let b: HashSet<u32> = [input].into();
    let v: Vec<u32> = a.union(&b).copied().collect(); //~ hash-order
    Ok(v[0])
}

fn main() {}
