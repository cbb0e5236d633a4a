// hazard: clock - trait objects in a map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::BTreeMap;
trait Tool { fn call(&self, n: u64) -> u64; }
struct Now;
impl Tool for Now { fn call(&self, n: u64) -> u64 { n + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let mut n = 0;
    {
        let mut tools: BTreeMap<&str, Box<dyn Tool>> = BTreeMap::new();
        tools.insert("now", Box::new(Now));
        if let Some(tool) = tools.get("now") { n = tool.call(input); } //~ clock
    }
    Ok(n)
}

fn main() {}
