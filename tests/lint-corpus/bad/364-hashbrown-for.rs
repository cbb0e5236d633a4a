// hazard: hash-order - hashbrown for
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m: hashbrown::HashMap<u32, u32> = hashbrown::HashMap::new();
    m.insert(1, input);
    let mut last = 0;
    for (k, _) in &m { //~ hash-order
        last = *k;
    }
    Ok(last)
}

fn main() {}
