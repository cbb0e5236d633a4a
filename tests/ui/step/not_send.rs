use std::cell::Cell;

use owf_runtime::prelude::*;

#[workflow]
async fn shares(n: u32) -> WorkflowResult<u32> {
    let cell = Cell::new(n);
    step!("set", cell.set(1)).await?;
    Ok(n)
}

fn main() {}
