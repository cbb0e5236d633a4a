// hazard: env - parse::<DateTime<Local>>()
// needs: chrono
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use chrono::{DateTime, Local, Timelike};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let at = "2024-01-01T00:00:00Z".parse::<DateTime<Local>>()?; //~ env
    Ok(input + at.hour())
}

fn main() {}
