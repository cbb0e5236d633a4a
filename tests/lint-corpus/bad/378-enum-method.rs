// hazard: clock - method on an enum with match arms
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
enum Window { Open, Until(std::time::SystemTime) }
impl Window { fn is_open(&self) -> bool { match self { Window::Open => true, Window::Until(t) => t.elapsed().is_err() } } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let w = Window::Open;
    if w.is_open() { return Ok(1); } //~ clock
    Ok(input)
}

fn main() {}
