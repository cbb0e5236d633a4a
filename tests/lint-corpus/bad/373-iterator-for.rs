// hazard: random - a for loop over a user's Iterator
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Dice(u32);
impl Iterator for Dice { type Item = u32; fn next(&mut self) -> Option<u32> { self.0 = self.0.checked_sub(1)?; Some(rand::random_range(1..7)) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut n = 0;
    for d in Dice(3) { n += d; } //~ random
    Ok(input + n)
}

fn main() {}
