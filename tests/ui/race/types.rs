use owf_runtime::prelude::*;

#[workflow]
async fn refutable(n: u32) -> WorkflowResult<u32> {
    let value = race! {
        Ok(a) = step!("a", n) => a,
        _ = step!("b", n) => 0,
    };
    Ok(value)
}

#[workflow]
async fn plain_future(n: u32) -> WorkflowResult<u32> {
    let value = race! {
        a = step!("a", n) => a?,
        _ = tokio::time::sleep(std::time::Duration::from_secs(1)) => 0,
    };
    Ok(value)
}

fn main() {}
