// trap: local cell
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = std::cell::RefCell::new(input);
    *c.borrow_mut() += 1;
    let n = *c.borrow();
    Ok(n)
}

fn main() {}
