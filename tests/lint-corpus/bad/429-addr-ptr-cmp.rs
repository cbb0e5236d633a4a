// hazard: address - sort_by_key of pointers
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let (a, b) = (String::from("a"), String::from("b"));
    let mut v = vec![&a, &b];
    v.sort_by_key(|s| s.as_ptr() as usize); //~ address
    Ok(input + v[0].len() as u32)
}

fn main() {}
