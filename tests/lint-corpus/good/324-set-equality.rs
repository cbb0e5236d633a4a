// trap: set equality
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a: std::collections::HashSet<u32> = [1, input].into();
    let b: std::collections::HashSet<u32> = [input, 1].into();
    Ok(u32::from(a == b && a.is_subset(&b)))
}

fn main() {}
