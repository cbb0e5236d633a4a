// hazard: clock - clock helper generic
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn stamp<T: Into<u32>>(t: T) -> u32 {
    let s = std::time::SystemTime::now();
    t.into() + s.elapsed().map_or(0, |d| d.as_secs() as u32)
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n: u32 = stamp(input); //~ clock
    Ok(n)
}

fn main() {}
