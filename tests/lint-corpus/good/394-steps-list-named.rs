// trap: steps in a list with names are awaited in a pattern
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut steps = vec![];
    for i in 0..input { steps.push((i, step!(format!("s-{i}"), async move { i }))); }
    let mut sum = 0;
    for (i, step) in steps { let r = step.await; if let Ok(n) = r { sum += n * i; } }
    Ok(sum)
}

fn main() {}
