// hazard: dup-id - dup const and literal
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
const ID: &str = "pay";

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a = step!(ID, input + 1).await?;
    let b = step!("pay", input + 2).await?; //~ dup-id
    Ok(a + b)
}

fn main() {}
