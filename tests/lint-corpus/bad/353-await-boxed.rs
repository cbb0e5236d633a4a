// hazard: await - await boxed
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let f: std::pin::Pin<Box<dyn Future<Output = u32> + Send>> = Box::pin(async { 1 });
    Ok(f.await + input) //~ await
}

fn main() {}
