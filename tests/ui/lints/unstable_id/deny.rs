//! `owf::unstable_id`: what it finds.

use std::time::UNIX_EPOCH;

use owf_runtime::prelude::*;

#[workflow]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    let first = step!(format!("charge-{:?}", UNIX_EPOCH.elapsed()), cents).await?;
    let second = step!(std::any::type_name::<u32>(), cents).await?;
    Ok(first + second)
}

fn main() {}
