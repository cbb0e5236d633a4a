// hazard: dup-id - two sleeps of one ID
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::Duration;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    sleep("pause", Duration::from_secs(1)).await?;
    let n = step!("a", { input }).await?;
    sleep("pause", Duration::from_secs(2)).await?; //~ dup-id
    Ok(n)
}

fn main() {}
