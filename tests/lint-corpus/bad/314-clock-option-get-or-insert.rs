// hazard: clock - clock option get or insert
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut at = None;
    at.get_or_insert_with(std::time::SystemTime::now); //~ clock
    let _ = at;
    Ok(input)
}

fn main() {}
