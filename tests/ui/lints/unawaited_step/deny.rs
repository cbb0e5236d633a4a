//! `owf::unawaited_step`: what it finds.

use owf_runtime::prelude::*;

#[workflow]
async fn mail(user: String) -> WorkflowResult<()> {
    step!("first", println!("{user}"));
    let _ = step!("second", println!("{user}"));
    let third = step!("third", println!("{user}"));
    Ok(())
}

fn main() {}
