// hazard: env - chrono with_timezone(&Local): the machine's zone decides
// needs: chrono
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let at = chrono::DateTime::from_timestamp(i64::from(input), 0).unwrap();
    let local = at.with_timezone(&chrono::Local); //~ env
    Ok(local.timestamp() as u32)
}

fn main() {}
