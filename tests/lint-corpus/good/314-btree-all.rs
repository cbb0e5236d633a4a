// trap: btree all
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::BTreeMap<u32, u32> = [(1, input)].into();
    let mut out = Vec::new();
    for (k, v) in &m {
        out.push(k + v);
    }
    let first = m.values().next().copied().unwrap_or(0);
    Ok(out[0] + first)
}

fn main() {}
