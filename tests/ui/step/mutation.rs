use owf_runtime::prelude::*;

struct State {
    count: u32,
}

#[workflow]
async fn mutates(mut n: u32) -> WorkflowResult<u32> {
    let mut state = State { count: 0 };
    let mut list = vec![1];
    step!("assign", { n = 1 }).await?;
    step!("add", { n += 1; }).await?;
    step!("field", { state.count = n; }).await?;
    step!("index", { list[0] = n; }).await?;
    let taken = step!("take", std::mem::take(&mut list).len()).await?;
    Ok(n + state.count + taken as u32)
}

fn main() {
    let _ = mutates;
}
