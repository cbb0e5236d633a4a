//! `owf::randomness`: what it finds.

use std::hash::{BuildHasher, RandomState};

use owf_runtime::prelude::*;

fn salt() -> u64 {
    RandomState::new().hash_one(1)
}

#[workflow]
async fn token(user: String) -> WorkflowResult<u64> {
    let state = RandomState::new();
    Ok(salt() ^ state.hash_one(&user))
}

fn main() {}
