// hazard: io - P: AsRef<Path> helper
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::path::Path;
fn size<P: AsRef<Path>>(p: P) -> u64 { let p = p.as_ref(); p.metadata().map_or(0, |m| m.len()) }

#[workflow]
async fn w(input: String) -> WorkflowResult<u64> { Ok(size(&input)) } //~ io

fn main() {}
