// hazard: random - alias of a type of the user's
// needs: uuid
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Id(uuid::Uuid);
impl Id { fn generate() -> Self { Id(uuid::Uuid::new_v4()) } }
type OrderId = Id;
use OrderId as Oid;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let i = Oid::generate(); //~ random
    Ok(input + i.0.as_bytes()[0] as u32)
}

fn main() {}
