// hazard: hash-order - hash fold string
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<u32, u32> = [(input, 1)].into();
    let s = m.keys().fold(String::new(), |mut s, k| { s.push_str(&k.to_string()); s }); //~ hash-order
    Ok(s.len() as u32)
}

fn main() {}
