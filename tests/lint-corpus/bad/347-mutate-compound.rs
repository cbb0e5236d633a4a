// hazard: mutate - mutate compound
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut total = 0;
    for i in 0..3 {
        step!(format!("s{i}"), { total += i; }).await?; //~ mutate
    }
    Ok(total + input)
}

fn main() {}
