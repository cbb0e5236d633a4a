// hazard: mutate - mutate push
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut v = vec![input];
    step!("push", { v.push(1); }).await?; //~ mutate
    Ok(v.len() as u32)
}

fn main() {}
