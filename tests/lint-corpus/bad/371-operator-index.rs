// hazard: random - Index draws a random element
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Pool(Vec<u32>);
impl std::ops::Index<()> for Pool { type Output = u32; fn index(&self, _: ()) -> &u32 { &self.0[rand::random_range(0..self.0.len())] } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let p = Pool(vec![1, 2]);
    let n = p[()]; //~ random
    Ok(input + n)
}

fn main() {}
