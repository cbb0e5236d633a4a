// hazard: clock - an own error's Display through to_string in map_err
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::fmt;
struct Late;
impl fmt::Display for Late { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "late at {:?}", std::time::SystemTime::now()) } }
fn check(n: u32) -> Result<u32, Late> { if n > 3 { Err(Late) } else { Ok(n) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = check(input).map_err(|e| WorkflowError::msg(e.to_string()))?; //~ clock
    Ok(n)
}

fn main() {}
