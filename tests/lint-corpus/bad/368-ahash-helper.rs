// hazard: hash-order - AHashMap iterated in a helper
// needs: ahash
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use ahash::AHashMap;
fn first(m: &AHashMap<u32, u32>) -> u32 { m.keys().next().copied().unwrap_or(0) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: AHashMap<u32, u32> = AHashMap::new();
    Ok(input + first(&m)) //~ hash-order
}

fn main() {}
