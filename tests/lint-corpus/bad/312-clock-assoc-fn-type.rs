// hazard: clock - clock assoc fn type
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Clock;
impl Clock {
    fn read() -> u32 {
        std::time::SystemTime::now().elapsed().map_or(0, |d| d.as_secs() as u32)
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(<Clock>::read() + input) //~ clock
}

fn main() {}
