// hazard: random - random nanoid alias
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use nanoid::nanoid as fresh;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = fresh!(); //~ random
    Ok(input + s.len() as u32)
}

fn main() {}
