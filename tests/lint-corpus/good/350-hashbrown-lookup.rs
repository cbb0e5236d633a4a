// trap: hashbrown lookup
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m = hashbrown::HashMap::new();
    m.insert(1u32, input);
    Ok(m[&1] + m.len() as u32)
}

fn main() {}
