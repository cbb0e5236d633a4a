// trap: tokio mutex local in step
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = step!("a", {
        let m = tokio::sync::Mutex::new(1u32);
        let n = *m.lock().await;
        n
    }).await?;
    Ok(input + n)
}

fn main() {}
