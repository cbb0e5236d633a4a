// hazard: random - an extension trait on slices
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Pick<T> { fn pick(&self) -> Option<&T>; }
impl<T> Pick<T> for [T] { fn pick(&self) -> Option<&T> { self.get(rand::random::<u8>() as usize) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let v = vec![1, input];
    Ok(v.pick().copied().unwrap_or(0)) //~ random
}

fn main() {}
