// trap: own elapsed
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Timer(u32);
impl Timer {
    fn elapsed(&self) -> u32 {
        self.0
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = Timer(input);
    Ok(t.elapsed())
}

fn main() {}
