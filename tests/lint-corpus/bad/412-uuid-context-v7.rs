// hazard: random - a builder of UUIDs
// needs: uuid
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let id = uuid::Uuid::new_v7(uuid::Timestamp::now(uuid::NoContext)); //~ clock
    Ok(id.as_u128() as u32)
}

fn main() {}
