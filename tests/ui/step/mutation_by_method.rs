use owf_runtime::prelude::*;

#[workflow]
async fn pushes(n: u32) -> WorkflowResult<usize> {
    let mut list = Vec::new();
    step!("push", {
        let next = n + 1;
        list.push(next);
    })
    .await?;
    Ok(list.len())
}

fn main() {}
