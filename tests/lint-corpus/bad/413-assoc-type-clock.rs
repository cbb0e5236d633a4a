// hazard: clock - a generic function over a trait with an associated constructor
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
trait Stamp { fn stamp() -> Self; }
impl Stamp for SystemTime { fn stamp() -> Self { SystemTime::now() } }
fn make<T: Stamp>() -> T { T::stamp() }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t: SystemTime = make(); //~ clock
    Ok(input)
}

fn main() {}
