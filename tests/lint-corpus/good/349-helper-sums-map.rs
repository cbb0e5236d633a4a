// trap: helper sums map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn total(m: &std::collections::HashMap<u32, u32>) -> u32 {
    let mut n = 0;
    for v in m.values() {
        n += v;
    }
    n
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    Ok(total(&m))
}

fn main() {}
