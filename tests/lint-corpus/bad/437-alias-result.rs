// hazard: clock - ? in a function that returns a Result alias of its own
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
struct ApiError { at: SystemTime }
type Result<T> = std::result::Result<T, ApiError>;
impl From<std::num::ParseIntError> for ApiError { fn from(_: std::num::ParseIntError) -> Self { ApiError { at: SystemTime::now() } } }
fn cents(text: &str) -> Result<u32> { let n = text.parse::<u32>()?; Ok(n * 100) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = cents("12").unwrap_or(0); //~ clock
    Ok(input + n)
}

fn main() {}
