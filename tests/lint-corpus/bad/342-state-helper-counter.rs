// hazard: state - state helper counter
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn next() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static N: AtomicU32 = AtomicU32::new(0);
    N.fetch_add(1, Ordering::Relaxed)
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + next()) //~ state
}

fn main() {}
