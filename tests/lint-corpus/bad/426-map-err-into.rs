// hazard: clock - map_err(Into::into) with a typed result
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
#[derive(Debug)]
struct Fault(SystemTime, String);
impl From<std::num::ParseIntError> for Fault { fn from(t: std::num::ParseIntError) -> Self { Fault(SystemTime::now(), t.to_string()) } }
fn read(t: &str) -> Result<u32, Fault> { t.parse::<u32>().map_err(Into::into) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = read("1"); //~ clock
    Ok(input + n.unwrap_or(0))
}

fn main() {}
