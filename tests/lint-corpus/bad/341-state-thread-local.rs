// hazard: state - state thread local
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
thread_local! {
    static SEEN: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = SEEN.with(|s| s.get()); //~ state
    Ok(input + n)
}

fn main() {}
