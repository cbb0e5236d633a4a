// hazard: hash-order - a method's iterator over a map, joined
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
struct Cart { lines: HashMap<String, u32> }
impl Cart { fn names(&self) -> impl Iterator<Item = &str> + '_ { self.lines.keys().map(|k| k.as_str()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = Cart { lines: HashMap::from([("a".to_string(), input)]) };
    let s = c.names().collect::<Vec<_>>().join(","); //~ hash-order
    Ok(s.len() as u32)
}

fn main() {}
