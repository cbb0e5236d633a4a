// hazard: state - state struct static
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct App {
    hits: std::sync::atomic::AtomicU32,
}
static APP: App = App { hits: std::sync::atomic::AtomicU32::new(0) };

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = APP.hits.load(std::sync::atomic::Ordering::Relaxed); //~ state
    Ok(input + n)
}

fn main() {}
