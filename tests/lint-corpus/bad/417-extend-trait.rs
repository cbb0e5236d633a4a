// hazard: random - an own Extend/FromIterator draws while collecting
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Shuffled(Vec<u32>);
impl FromIterator<u32> for Shuffled { fn from_iter<I: IntoIterator<Item = u32>>(i: I) -> Self { let mut v: Vec<u32> = i.into_iter().collect(); if rand::random() { v.reverse(); } Shuffled(v) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s: Shuffled = (0..input).collect(); //~ random
    Ok(s.0.len() as u32)
}

fn main() {}
