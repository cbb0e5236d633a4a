use owf_runtime::prelude::*;

#[workflow]
async fn bails(n: u32) -> WorkflowResult<u32> {
    let checked = step!("check", {
        anyhow::ensure!(n < 10, "too big");
        if n > 3 {
            anyhow::bail!("{n} is too big");
        }
        n + 1
    })
    .await?;
    Ok(checked)
}

fn main() {}
