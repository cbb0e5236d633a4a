// hazard: clock - Display of an error by into
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::fmt;
#[derive(Debug)]
struct Late;
impl fmt::Display for Late { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "late at {:?}", std::time::SystemTime::now()) } }
impl std::error::Error for Late {}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    if input > 3 { return Err(Late.into()); } //~ clock
    Ok(input)
}

fn main() {}
