// hazard: hash-order - macro iterates over a map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
macro_rules! first { ($m:expr) => { $m.keys().next().copied() }; }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<u32, u32> = (0..input).map(|n| (n, n)).collect();
    Ok(first!(m).unwrap_or(0)) //~ hash-order
}

fn main() {}
