// hazard: dup-id - sleep and step of one ID
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = step!("wait", { input }).await?; //~? also
    sleep("wait", std::time::Duration::from_secs(1)).await?; //~ dup-id
    Ok(n)
}

fn main() {}
