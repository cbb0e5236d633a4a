// trap: pure Display of an error, impure one elsewhere
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::fmt;
#[derive(Debug)]
struct Late(u32);
impl fmt::Display for Late { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "late by {}", self.0) } }
impl std::error::Error for Late {}
struct Log;
impl fmt::Display for Log { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", std::time::SystemTime::now()) } }
fn check(n: u32) -> Result<u32, Late> { if n > 3 { Err(Late(n)) } else { Ok(n) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = check(input)?;
    let m = check(n).map_err(|e| WorkflowError::msg(e.to_string()))?;
    if m > 9 { return Err(Late(1).into()); }
    Ok(n + m)
}

fn main() {}
