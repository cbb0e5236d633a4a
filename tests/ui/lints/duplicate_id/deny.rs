//! `owf::duplicate_id`: what it finds.

use owf_runtime::prelude::*;

const CHARGE: &str = "charge";

struct Ids;

impl Ids {
    const MAIL: &str = concat!("ma", "il");
}

#[workflow]
async fn pay(cents: u32) -> WorkflowResult<u32> {
    let first = step!("charge", cents).await?;
    let second = if first > 3 { step!("ch\u{61}rge", cents).await? } else { step!(CHARGE, 0).await? };
    let id = "mail";
    step!(id, ()).await?;
    step!(format!("mail"), ()).await?;
    step!(Ids::MAIL.to_string(), ()).await?;
    sleep("mail", std::time::Duration::from_secs(60)).await?;
    step!(format!("refund-{cents}"), ()).await?;
    step!(format!("refund-{cents}"), ()).await?;
    Ok(first + second)
}

fn main() {}
