//! A runtime under another name.
#![deny(warnings)]

mod vendored {
    pub mod engine {
        pub use owf_runtime::*;
    }
}

use vendored::engine::prelude::*;

#[durable(crate = crate::vendored::engine)]
async fn helper(n: u32) -> Result<u32, StepError> {
    step!("helper", { n + 1 }).await
}

#[workflow(crate = crate::vendored::engine, name = "renamed")]
async fn renamed(n: u32) -> WorkflowResult<u32> {
    let one = step!("one", n.to_string().parse::<u32>()?).await?;
    let steps = [1u32, 2].map(|i| step!("many", i + n));
    let (a, b) = join!(helper(one), async { 1 }).await;
    Ok(a? + b + join_all(steps).await.len() as u32)
}

fn main() {
    let _ = renamed;
}
