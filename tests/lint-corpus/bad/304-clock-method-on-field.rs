// hazard: clock - clock method on field
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Span {
    from: std::time::SystemTime,
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = Span { from: std::time::UNIX_EPOCH };
    let e = s.from.elapsed().map(|d| d.as_secs()).unwrap_or(0); //~ clock
    Ok(input + e as u32)
}

fn main() {}
