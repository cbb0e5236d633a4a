// hazard: hash-order - hashbrown keys
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use hashbrown::HashMap;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m = HashMap::new();
    m.insert(1, input);
    let k = m.keys().next(); //~ hash-order
    Ok(k.copied().unwrap_or(0))
}

fn main() {}
