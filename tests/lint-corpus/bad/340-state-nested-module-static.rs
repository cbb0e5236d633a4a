// hazard: state - state nested module static
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
mod cfg {
    use std::sync::RwLock;
    pub static LIMITS: RwLock<u32> = RwLock::new(3);
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = cfg::LIMITS.read().map_or(0, |l| *l); //~ state
    Ok(input + n)
}

fn main() {}
