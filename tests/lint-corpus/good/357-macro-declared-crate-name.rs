// trap: a macro declares a module named as a crate that is a dependency
// needs: chrono, fastrand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! fakes { () => { mod fastrand { pub fn u32(_: std::ops::RangeTo<u32>) -> u32 { 4 } } pub mod sim { pub mod chrono { pub struct Utc; impl Utc { pub fn now() -> u32 { 1 } } } } } }
fakes!();

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + self::fastrand::u32(..10) + sim::chrono::Utc::now())
}

fn main() {}
