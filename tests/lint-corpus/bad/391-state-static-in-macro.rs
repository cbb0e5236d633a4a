// hazard: state - a macro that declares and bumps a static
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! count { () => {{ static N: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0); N.fetch_add(1, std::sync::atomic::Ordering::Relaxed) }} }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = count!(); //~ state
    Ok(input + n)
}

fn main() {}
