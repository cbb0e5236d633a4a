// hazard: place - a step in an Option is tested only
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[workflow]
async fn w(input: u32) -> WorkflowResult<bool> {
    let open = if input > 3 { Some(step!("mail", async move { input })) } else { None }; //~ place
    Ok(open.is_some())
}

fn main() {}
