//! `owf::strict`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

#[deterministic]
fn fee(cents: u32) -> u32 {
    cents / 10
}

fn tax(cents: u32) -> u32 {
    cents / 5
}

const fn double(cents: u32) -> u32 {
    cents * 2
}

#[durable(strict)]
async fn charge(cents: u32) -> Result<u32, StepError> {
    step!("charge", tax(cents)).await
}

#[workflow(strict)]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    #[owf::allow(strict, reason = "read by us, to be marked next week")]
    let tax = tax(cents);
    Ok(fee(cents) + tax + double(charge(cents).await?))
}

fn main() {}
