// hazard: hash-order - a struct with an FxHashMap field, iterated in its method
// needs: rustc-hash
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use rustc_hash::FxHashMap;
struct Cart { lines: FxHashMap<String, u32> }
impl Cart { fn describe(&self) -> String { self.lines.keys().cloned().collect::<Vec<_>>().join(",") } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = Cart { lines: FxHashMap::default() };
    let s = c.describe(); //~ hash-order
    Ok(input + s.len() as u32)
}

fn main() {}
