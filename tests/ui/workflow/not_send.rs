use std::rc::Rc;

use owf_runtime::prelude::*;

#[workflow]
async fn holds_rc(n: u32) -> WorkflowResult<u32> {
    let shared = Rc::new(n);
    let one = step!("one", 1u32).await?;
    Ok(*shared + one)
}

fn main() {}
