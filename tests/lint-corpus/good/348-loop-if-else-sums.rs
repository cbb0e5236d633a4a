// trap: loop if else sums
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let mut even: u32 = 0;
    let mut odd: u32 = 0;
    for (k, v) in &m {
        let weight = k * 2;
        if v % 2 == 0 {
            even += weight;
        } else {
            odd += weight;
        }
    }
    Ok(even - odd.min(even))
}

fn main() {}
