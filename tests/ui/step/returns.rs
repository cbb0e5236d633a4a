use owf_runtime::prelude::*;

#[workflow]
async fn leaves(n: u32) -> WorkflowResult<u32> {
    let value = step!("maybe", {
        if n == 0 {
            return Ok(0);
        }
        let nested = || {
            return n;
        };
        nested() + 1
    })
    .await?;
    Ok(value)
}

fn main() {
    let _ = leaves;
}
