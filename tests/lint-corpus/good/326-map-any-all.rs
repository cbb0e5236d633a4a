// trap: map any all
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(1, input)].into();
    let any = m.values().any(|v| *v > 3);
    let all = m.iter().all(|(k, v)| k < v);
    Ok(u32::from(any) + u32::from(all))
}

fn main() {}
