use owf_runtime::prelude::*;

#[workflow]
async fn nests(n: u32) -> WorkflowResult<u32> {
    let direct = step!("outer", {
        let inner = step!("inner", n + 1).await?;
        inner * 2
    })
    .await?;
    let in_macro = step!("in-macro", format!("{}", step!("inner", n).await?)).await?;
    let joined = step!("joined", {
        let (a, b) = join!(step!("a", n), step!("b", n)).await;
        a? + b?
    })
    .await?;
    let raced = step!("raced", race!(step!("a", n), step!("b", n)).await?).await?;
    Ok(direct + in_macro.len() as u32 + joined + raced)
}

fn main() {
    let _ = nests;
}
