use owf_runtime::prelude::*;

#[workflow]
async fn awaits(n: u32) -> WorkflowResult<u32> {
    n.await;
    let (a, b) = join!(std::future::ready(1), step!("b", n)).await;
    let c = race!(std::future::ready(1), async { 2 }).await;
    Ok(a + b? + c)
}

fn main() {}
