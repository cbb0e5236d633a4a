//! `owf::duplicate_id`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

#[workflow]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    let mut sum = 0;
    for part in 0..cents {
        sum += step!("part", part).await?;
    }
    if sum > 3 {
        return Ok(step!("rest", 1).await?);
    }
    #[owf::allow(duplicate_id, reason = "one of the two is met, never both")]
    let rest = step!("rest", 2).await?;
    Ok(sum + rest)
}

fn main() {}
