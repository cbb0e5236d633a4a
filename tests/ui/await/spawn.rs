use owf_runtime::prelude::*;

#[workflow]
async fn spawns(n: u32) -> WorkflowResult<u32> {
    tokio::spawn(step!("a", n));
    tokio::spawn(async move { step!("b", n).await });
    Ok(n)
}

fn main() {}
