// trap: labelled loop
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut n = input;
    'outer: loop {
        for i in 0..n {
            if i > 3 {
                break 'outer;
            }
        }
        n += 1;
        if n > 9 {
            break;
        }
    }
    Ok(n)
}

fn main() {}
