// hazard: dup-id - the same fields formatted twice
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Order { id: u32, lines: Vec<u32> }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let order = Order { id: input, lines: vec![1] };
    let a = step!(format!("charge-{}", order.id), { 1u32 }).await?;
    let b = step!(format!("charge-{}", order.id), { 2u32 }).await?; //~ dup-id
    Ok(a + b)
}

fn main() {}
