// hazard: random - impl Default for a newtype, used by a derive(Default) outer
// needs: uuid
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Id(uuid::Uuid);
impl Default for Id { fn default() -> Self { Id(uuid::Uuid::new_v4()) } }
#[derive(Default)]
struct Order { id: Id, n: u32 }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let o = Order::default(); //~ random
    Ok(input + o.n)
}

fn main() {}
