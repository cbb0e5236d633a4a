// trap: the same format in two loops, and of a shadowed and a changing variable
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut n = 0;
    for i in 0..2 { n += step!(format!("n-{i}"), { i }).await?; }
    for i in 2..4 { n += step!(format!("n-{i}"), { i }).await?; }
    let id = "a";
    n += step!(format!("x-{id}"), { 1u32 }).await?;
    let id = "b";
    n += step!(format!("x-{id}"), { 1u32 }).await?;
    let mut page = 0;
    n += step!(format!("page-{page}"), { 1u32 }).await?;
    page += 1;
    n += step!(format!("page-{page}"), { 1u32 }).await?;
    Ok(n + input)
}

fn main() {}
