// hazard: io - DerefMut of an own list writes a file
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::ops::{Deref, DerefMut};
struct Log(Vec<u32>);
impl Deref for Log { type Target = Vec<u32>; fn deref(&self) -> &Vec<u32> { &self.0 } }
impl DerefMut for Log { fn deref_mut(&mut self) -> &mut Vec<u32> { let _ = std::fs::write("log", "x"); &mut self.0 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut l = Log(vec![]);
    l.push(input); //~ io
    Ok(l.len() as u32)
}

fn main() {}
