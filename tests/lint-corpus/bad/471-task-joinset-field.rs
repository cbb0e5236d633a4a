// hazard: task - JoinSet in a struct
// needs: tokio
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use tokio::task::JoinSet;
#[derive(Default)]
struct Pool { set: JoinSet<u32> }
impl Pool { fn add(&mut self, n: u32) { self.set.spawn(async move { n }); } }

#[workflow]
async fn pool(n: u32) -> WorkflowResult<usize> {
    let mut pool = Pool::default(); //~ task
    for i in 0..n { pool.add(i); } //~? also
    Ok(pool.set.len())
}

fn main() {}
