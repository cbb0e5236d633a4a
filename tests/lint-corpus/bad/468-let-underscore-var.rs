// hazard: place - a step bound and then discarded by let _
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mail = step!("mail", { input }); //~ place
    let _ = mail;
    Ok(input)
}

fn main() {}
