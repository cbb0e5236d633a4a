use owf_runtime::prelude::*;

#[workflow]
async fn closures(items: Vec<u32>) -> WorkflowResult<u32> {
    let awaited: Vec<u32> = items.iter().map(|i| step!(format!("s-{i}"), i + 1).await.unwrap_or(0)).collect();
    let tried: Vec<u32> = items.iter().map(|i| step!(format!("s-{i}"), i + 1).await?).collect();
    let make = async |n: u32| step!("a", n + 1).await;
    let one = make(1).await?;
    let make_block = async move |n: u32| { step!("b", n + 1).await };
    let two = make_block(2).await?;
    Ok(awaited[0] + tried[0] + one + two)
}

fn main() {
    let _ = closures;
}
