// hazard: hash-order - hash step per entry
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut n = 0;
    for (k, v) in m { //~ hash-order
        n += step!(format!("pay-{k}"), v + 1).await?;
    }
    Ok(n)
}

fn main() {}
