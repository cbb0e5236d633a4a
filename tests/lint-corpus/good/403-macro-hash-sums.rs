// trap: macro sums a map's values
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
macro_rules! total { ($m:expr) => { $m.values().sum::<u32>() }; }
macro_rules! sorted { ($m:expr) => {{ let mut v: Vec<_> = $m.keys().cloned().collect(); v.sort(); v }}; }

#[workflow]
async fn w(input: HashMap<String, u32>) -> WorkflowResult<u32> {
    let mut n = total!(input);
    for name in sorted!(input) { n += step!(format!("s-{name}"), { 1u32 }).await?; }
    Ok(n)
}

fn main() {}
