// trap: uuid parse
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let id = uuid::Uuid::from_u128(u128::from(input));
    Ok(id.to_string().len() as u32)
}

fn main() {}
