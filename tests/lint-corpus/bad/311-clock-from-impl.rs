// hazard: clock - clock from impl
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Stamp(u32);
impl From<u32> for Stamp {
    fn from(n: u32) -> Self {
        Stamp(n + std::time::Instant::now().elapsed().as_secs() as u32)
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = Stamp::from(input); //~ clock
    Ok(s.0)
}

fn main() {}
