// hazard: clock - the From impl that ? uses reads the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
#[derive(Debug)]
struct PayError { at: SystemTime, text: String }
impl From<std::num::ParseIntError> for PayError {
    fn from(e: std::num::ParseIntError) -> Self { PayError { at: SystemTime::now(), text: e.to_string() } }
}
fn cents(text: &str) -> Result<u32, PayError> {
    let n: u32 = text.parse::<u32>()?;
    Ok(n)
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = cents("12").map_err(|e| WorkflowError::msg(e.text))?; //~ clock
    Ok(input + n)
}

fn main() {}
