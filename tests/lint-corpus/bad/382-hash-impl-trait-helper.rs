// hazard: hash-order - helper returns impl Iterator over the map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
fn due(m: &HashMap<u32, u32>) -> impl Iterator<Item = u32> + '_ { m.iter().filter(|(_, v)| **v > 0).map(|(k, _)| *k) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: HashMap<u32, u32> = HashMap::from([(1, input)]);
    let v: Vec<u32> = due(&m).collect(); //~ hash-order
    Ok(v[0])
}

fn main() {}
