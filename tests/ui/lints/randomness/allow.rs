//! `owf::randomness`: what is allowed with a reason, or anyway.

use std::hash::{BuildHasher, RandomState};

use owf_runtime::prelude::*;

fn random() -> u64 {
    4
}

#[workflow]
async fn token(user: String) -> WorkflowResult<u64> {
    #[owf::allow(randomness, reason = "spreads load, and decides nothing")]
    let shard = RandomState::new().hash_one(&user) % 2;
    println!("{shard}");
    Ok(random())
}

fn main() {}
