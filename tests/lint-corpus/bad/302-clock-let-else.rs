// hazard: clock - clock let else
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let Ok(age) = std::time::SystemTime::UNIX_EPOCH.elapsed() else { return Ok(0) }; //~ clock
    Ok(input + age.as_secs() as u32)
}

fn main() {}
