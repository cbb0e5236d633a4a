// trap: hashbrown sum loop
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m: hashbrown::HashMap<u32, u32> = hashbrown::HashMap::new();
    m.insert(1, input);
    let mut n = 0u32;
    for v in m.values() {
        n += v;
    }
    Ok(n)
}

fn main() {}
