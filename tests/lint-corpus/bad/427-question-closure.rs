// hazard: clock - ? in a closure whose error type is annotated
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
#[derive(Debug)]
struct Fault(SystemTime);
impl From<std::num::ParseIntError> for Fault { fn from(t: std::num::ParseIntError) -> Self { Fault(SystemTime::now()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let read = |t: &str| -> Result<u32, Fault> { Ok(t.parse::<u32>()?) }; //~ clock
    let n = read("1");
    Ok(input + n.unwrap_or(0))
}

fn main() {}
