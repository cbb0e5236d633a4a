// hazard: io - a temporary guard's Drop at the end of the statement
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Lock;
impl Lock { fn acquire() -> Lock { Lock } fn id(&self) -> u32 { 1 } }
impl Drop for Lock { fn drop(&mut self) { let _ = std::fs::write("unlock", ""); } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = Lock::acquire().id(); //~ io
    Ok(input + n)
}

fn main() {}
