//! `owf::unawaited_step`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

#[workflow]
async fn mail(user: String) -> WorkflowResult<()> {
    let first = step!("first", println!("{user}"));
    first.await?;
    #[owf::allow(unawaited_step, reason = "to be switched on next week")]
    let _second = step!("second", println!("{user}"));
    let mut open = Vec::new();
    for number in 0..3u32 {
        if let Some(third) = open.pop() {
            third.await?;
        }
        open.push(step!(format!("third-{number}"), async move { number }));
    }
    let fourth = (user.len() > 3).then(|| step!("fourth", 4));
    if let Some(fourth) = fourth {
        fourth.await?;
    }
    if let Ok(_fifth) = step!("fifth", 5).await {}
    Ok(())
}

fn main() {}
