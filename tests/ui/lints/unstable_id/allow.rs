//! `owf::unstable_id`: what is allowed with a reason, or anyway.

use std::time::UNIX_EPOCH;

use owf_runtime::prelude::*;

#[workflow]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    let first = step!(format!("charge-{cents}"), UNIX_EPOCH.elapsed().map_or(0, |_| cents)).await?;
    #[owf::allow(unstable_id, reason = "the name of `u32` stays")]
    let second = step!(std::any::type_name::<u32>(), cents).await?;
    Ok(first + second)
}

fn main() {}
