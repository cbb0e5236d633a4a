// hazard: address - as_ptr_range().start as usize
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let xs = vec![input, 2];
    let at = xs.as_ptr_range().start as usize; //~ address
    Ok((at % 7) as u32)
}

fn main() {}
