// trap: a DateTime<Local> comes from a step
// needs: chrono
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use chrono::{DateTime, Local, Utc};

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let at: DateTime<Local> = step!("at", { Local::now() }).await?;
    let utc: DateTime<Utc> = at.with_timezone(&Utc);
    Ok(input + (utc.timestamp() % 2) as u32)
}

fn main() {}
