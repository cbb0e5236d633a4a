// hazard: hash-order - hash alias map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
type Index = std::collections::HashMap<u32, String>;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: Index = Index::new();
    for k in m.keys() { //~ hash-order
        println!("{k}");
        return Ok(*k);
    }
    Ok(input)
}

fn main() {}
