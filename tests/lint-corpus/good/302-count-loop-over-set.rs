// trap: count loop over set
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s: std::collections::HashSet<u32> = [1, input].into();
    let mut even = 0u32;
    for n in &s {
        if n % 2 == 0 {
            even += 1;
        }
    }
    Ok(even)
}

fn main() {}
