// trap: own instant type
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Instant(u32);
impl Instant {
    fn now() -> Self {
        Instant(3)
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let i = Instant::now();
    Ok(input + i.0)
}

fn main() {}
