// trap: clock in step helper
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn clock() -> u32 {
    std::time::SystemTime::now().elapsed().map_or(0, |d| d.as_secs() as u32)
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let at = step!("at", clock()).await?;
    Ok(input + at)
}

fn main() {}
