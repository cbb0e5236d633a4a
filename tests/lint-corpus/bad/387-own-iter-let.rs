// hazard: hash-order - a helper's iterator in a let, then next
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
fn due(m: &HashMap<String, u32>) -> impl Iterator<Item = &String> { m.keys() }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m = HashMap::from([("a".to_string(), input)]);
    let mut it = due(&m); //~ hash-order
    Ok(it.next().map_or(0, |s| s.len() as u32))
}

fn main() {}
