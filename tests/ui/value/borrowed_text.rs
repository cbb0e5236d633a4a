use owf_runtime::prelude::*;

#[workflow]
async fn texts(n: u32) -> WorkflowResult<usize> {
    let literal = step!("literal", "text").await?;
    let branch = step!("branch", if n > 1 { "a" } else { "b" }).await?;
    Ok(literal.len() + branch.len())
}

fn main() {}
