// trap: generic helper
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
fn largest<T: Ord + Copy>(list: &[T]) -> T {
    let mut best = list[0];
    for item in list {
        if *item > best {
            best = *item;
        }
    }
    best
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(largest(&[input, 2]))
}

fn main() {}
