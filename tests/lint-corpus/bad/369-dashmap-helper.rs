// hazard: hash-order - DashMap collected in a helper
// needs: dashmap
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use dashmap::DashMap;
fn all(m: &DashMap<u32, u32>) -> Vec<u32> { m.iter().map(|e| *e.key()).collect() }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: DashMap<u32, u32> = DashMap::new();
    let v = all(&m); //~ hash-order
    Ok(v[0])
}

fn main() {}
