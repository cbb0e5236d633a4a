//! `owf::duplicate_id`: what it finds.

use owf_runtime::prelude::*;

const CHARGE: &str = "charge";

#[workflow]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    let first = step!("charge", cents).await?;
    let second = if first > 3 { step!("ch\u{61}rge", cents).await? } else { step!(CHARGE, 0).await? };
    Ok(first + second)
}

fn main() {}
