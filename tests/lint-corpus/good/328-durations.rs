// trap: durations
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let d = std::time::Duration::from_secs(3) * 2;
    sleep("wait", d).await?;
    Ok(input + d.as_secs() as u32)
}

fn main() {}
