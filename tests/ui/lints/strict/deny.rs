//! `owf::strict`: what it finds.

use owf_runtime::prelude::*;

fn fee(cents: u32) -> u32 {
    cents / 10
}

async fn fetch() -> u32 {
    1
}

#[workflow(strict)]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    drop(fetch());
    Ok(fee(cents) + step!("fetch", fetch().await + fee(cents)).await?)
}

fn main() {}
