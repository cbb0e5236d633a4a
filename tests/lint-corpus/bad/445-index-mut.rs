// hazard: io - IndexMut of an own table writes a file
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::ops::{Index, IndexMut};
struct T(Vec<u32>);
impl Index<usize> for T { type Output = u32; fn index(&self, i: usize) -> &u32 { &self.0[i] } }
impl IndexMut<usize> for T { fn index_mut(&mut self, i: usize) -> &mut u32 { let _ = std::fs::write("t", "x"); &mut self.0[i] } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut t = T(vec![0]);
    t[0] = input; //~ io
    Ok(t[0])
}

fn main() {}
