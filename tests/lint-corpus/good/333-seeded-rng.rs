// trap: seeded rng
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use rand::{Rng, SeedableRng};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut rng = rand::rngs::StdRng::seed_from_u64(7);
    let n: u32 = rng.random_range(0..9);
    Ok(input + n)
}

fn main() {}
