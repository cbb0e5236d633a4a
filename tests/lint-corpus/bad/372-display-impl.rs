// hazard: clock - Display of a user's type reads the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Banner;
impl std::fmt::Display for Banner { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{:?}", std::time::SystemTime::now()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let b = Banner;
    let s = format!("{b}"); //~ clock
    Ok(input + s.len() as u32)
}

fn main() {}
