// hazard: random - a derived Clone clones a field whose Clone draws
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Id(u64);
impl Clone for Id { fn clone(&self) -> Self { Id(rand::random()) } }
#[derive(Clone)]
struct Order { id: Id, cents: u32 }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a = Order { id: Id(1), cents: input };
    let b = a.clone(); //~ random
    Ok(b.id.0 as u32)
}

fn main() {}
