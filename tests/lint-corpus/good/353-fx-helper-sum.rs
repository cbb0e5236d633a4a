// trap: an FxHashMap is summed and counted in helpers
// needs: rustc-hash
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use rustc_hash::FxHashMap;
struct Cart { lines: FxHashMap<String, u32> }
impl Cart {
    fn total(&self) -> u32 { self.lines.values().sum() }
    fn add(&mut self, k: &str, n: u32) { *self.lines.entry(k.into()).or_default() += n; }
    fn sorted(&self) -> Vec<&String> { let mut v: Vec<_> = self.lines.keys().collect(); v.sort(); v }
    fn total_loop(&self) -> u32 { let mut n = 0; for v in self.lines.values() { n += v; } n }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut c = Cart { lines: FxHashMap::default() };
    c.add("a", input);
    Ok(c.total() + c.sorted().len() as u32 + c.total_loop())
}

fn main() {}
