// trap: impure closure is called in a step only
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[workflow]
async fn w(input: String) -> WorkflowResult<usize> {
    let read = |p: &str| std::fs::read_to_string(p).unwrap_or_default().len();
    let n = step!("read", { read(&input) }).await?;
    Ok(n)
}

fn main() {}
