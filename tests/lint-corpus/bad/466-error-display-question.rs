// hazard: clock - Display of an error that ? turns into a WorkflowError
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::fmt;
#[derive(Debug)]
struct Late;
impl fmt::Display for Late { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "late at {:?}", std::time::SystemTime::now()) } }
impl std::error::Error for Late {}
fn check(n: u32) -> Result<u32, Late> { if n > 3 { Err(Late) } else { Ok(n) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = check(input)?; //~ clock
    Ok(n)
}

fn main() {}
