// hazard: random - random shuffle
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use rand::seq::SliceRandom;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut v = vec![1, 2, 3];
    v.shuffle(&mut rand::rng()); //~ random
    Ok(input + v[0])
}

fn main() {}
