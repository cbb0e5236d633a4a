// hazard: random - random from helper two deep
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn pick(n: u32) -> u32 {
    inner::dice() + n
}
mod inner {
    pub fn dice() -> u32 {
        rand::random()
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(pick(input)) //~ random
}

fn main() {}
