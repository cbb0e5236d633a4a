// hazard: env - .into() a DateTime<Local>
// needs: chrono
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use chrono::{DateTime, Local, Utc, Timelike};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let at: DateTime<Utc> = DateTime::from_timestamp(i64::from(input), 0).unwrap_or_default();
    let local: DateTime<Local> = at.into(); //~ env
    Ok(local.hour())
}

fn main() {}
