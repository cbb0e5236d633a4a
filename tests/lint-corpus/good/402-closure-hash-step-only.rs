// trap: closure over a map is called in a step
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;

#[workflow]
async fn w(input: HashMap<String, u32>) -> WorkflowResult<Vec<String>> {
    let names = || input.keys().cloned().collect::<Vec<_>>();
    Ok(step!("names", { names() }).await?)
}

fn main() {}
