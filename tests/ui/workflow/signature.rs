use owf_runtime::prelude::*;

#[workflow]
fn not_async(n: u32) -> u32 {
    step!("a", n).await.unwrap_or(0)
}

#[workflow]
async fn many_arguments(from: String, to: &str, amounts: Vec<(u32, f64)>) -> WorkflowResult<u32> {
    Ok(step!("transfer", (from.len() + to.len() + amounts.len()) as u32).await?)
}

#[workflow]
async unsafe fn is_unsafe(n: u32) -> u32 {
    n
}

#[workflow]
async extern "C" fn is_extern(n: u32) -> u32 {
    n
}

fn main() {
    let _ = (not_async, many_arguments, is_unsafe, is_extern);
}
