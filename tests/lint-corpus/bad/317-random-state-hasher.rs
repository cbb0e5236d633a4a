// hazard: random - random state hasher
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let h = RandomState::new().hash_one(input); //~ random
    Ok(h as u32)
}

fn main() {}
