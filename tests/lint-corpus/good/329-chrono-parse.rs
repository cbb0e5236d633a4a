// trap: chrono parse
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let d = chrono::NaiveDate::from_ymd_opt(2024, 1, 2).unwrap_or_default();
    Ok(input + d.format("%d").to_string().len() as u32)
}

fn main() {}
