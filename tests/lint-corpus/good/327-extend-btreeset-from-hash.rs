// trap: extend btreeset from hash
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s: std::collections::HashSet<u32> = [1, input].into();
    let mut all = std::collections::BTreeSet::new();
    all.extend(s);
    Ok(all.len() as u32)
}

fn main() {}
