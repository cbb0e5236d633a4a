// trap: ? with the error unchanged in a function whose error has an impure From elsewhere
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Debug)]
struct E(std::time::SystemTime);
impl From<String> for E { fn from(_: String) -> Self { E(std::time::SystemTime::now()) } }
fn check(n: u32) -> Result<u32, E> { if n > 100 { Err(E(std::time::UNIX_EPOCH)) } else { Ok(n) } }
fn twice(n: u32) -> Result<u32, E> { let a = check(n)?; Ok(a * 2) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(twice(input).unwrap_or(0))
}

fn main() {}
