// trap: loop match count
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let (mut small, mut large) = (0, 0);
    let mut other = 0;
    for v in m.values() {
        match v {
            0..=3 => other += 1,
            _ => {}
        }
    }
    small += 1;
    large += small;
    Ok(other + large)
}

fn main() {}
