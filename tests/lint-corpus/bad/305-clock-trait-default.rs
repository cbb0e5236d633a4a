// hazard: clock - clock trait default
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
trait Late {
    fn late(&self) -> bool {
        std::time::SystemTime::now() > std::time::UNIX_EPOCH
    }
}
struct Real;
impl Late for Real {}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + u32::from(Real.late())) //~ clock
}

fn main() {}
