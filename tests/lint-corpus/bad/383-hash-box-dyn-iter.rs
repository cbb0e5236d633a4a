// hazard: hash-order - Box<dyn Iterator> from a helper
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
fn all(m: &HashMap<u32, u32>) -> Box<dyn Iterator<Item = u32> + '_> { Box::new(m.values().copied()) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<u32, u32> = HashMap::from([(1, input)]);
    let v: Vec<u32> = all(&m).collect(); //~ hash-order
    Ok(v[0])
}

fn main() {}
