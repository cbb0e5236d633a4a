//! What belongs to the workflow, in a step.

use owf_runtime::prelude::*;

fn in_a_helper() -> u32 {
    fn run_id() -> u32 {
        7
    }
    run_id()
}

#[workflow]
async fn tells(n: u32) -> WorkflowResult<String> {
    let half = step!("half", {
        set_details("half");
        n / 2
    })
    .await?;
    let own = step!("own", in_a_helper()).await?;
    Ok(step!("stamp", format!("{} {half} {own}", run_id())).await?)
}

#[workflow]
async fn undoes(n: u32) -> WorkflowResult<u32> {
    Ok(step!("a", n + 1, undo = |n| step!("refund", println!("{n}")).await?).await?)
}

fn main() {}
