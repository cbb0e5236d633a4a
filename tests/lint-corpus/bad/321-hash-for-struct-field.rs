// hazard: hash-order - hash for struct field
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Bag {
    by: std::collections::HashMap<u32, u32>,
    n: u32,
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let b = Bag { by: Default::default(), n: input };
    let mut last = 0;
    for (k, _) in &b.by { //~ hash-order
        last = *k;
    }
    Ok(last + b.n)
}

fn main() {}
