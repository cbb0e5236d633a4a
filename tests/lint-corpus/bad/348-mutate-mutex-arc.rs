// hazard: mutate - mutate mutex arc
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let log = std::sync::Arc::new(std::sync::Mutex::new(0u32));
    step!("a", { *log.lock().unwrap() += 1; }).await?; //~ mutate
    let n = *log.lock().unwrap();
    Ok(n + input)
}

fn main() {}
