// hazard: clock - Deref to SystemTime, then elapsed
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Mark(std::time::SystemTime);
impl std::ops::Deref for Mark { type Target = std::time::SystemTime; fn deref(&self) -> &Self::Target { &self.0 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m = Mark(std::time::UNIX_EPOCH);
    Ok(input + m.elapsed().map_or(0, |d| d.subsec_nanos())) //~ clock
}

fn main() {}
