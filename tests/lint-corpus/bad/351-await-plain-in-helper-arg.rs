// hazard: await - await plain in helper arg
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
async fn fetch(n: u32) -> u32 {
    n
}
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = add(fetch(input).await, 1); //~ await
    Ok(n)
}

fn main() {}
