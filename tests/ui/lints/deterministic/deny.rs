//! What a deterministic function can't be.

use owf_runtime::prelude::*;

#[deterministic]
async fn fetch() -> u32 {
    1
}

#[deterministic]
struct Order;

#[deterministic(pure)]
fn pid(add: u32) -> u32 {
    std::process::id() + add
}

fn main() {}
