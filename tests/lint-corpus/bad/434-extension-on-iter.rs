// hazard: random - an extension trait on Iterator
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Sample: Iterator + Sized { fn sample(self) -> Vec<Self::Item> { self.filter(|_| rand::random()).collect() } }
impl<I: Iterator> Sample for I {}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let v = (0..input).sample(); //~ random
    Ok(v.len() as u32)
}

fn main() {}
