// trap: impure function value is called in a step
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
fn read(p: &str) -> usize { std::fs::read_to_string(p).map_or(0, |t| t.len()) }

#[workflow]
async fn w(input: String) -> WorkflowResult<usize> {
    let f: fn(&str) -> usize = read;
    Ok(step!("read", { f(&input) }).await?)
}

fn main() {}
