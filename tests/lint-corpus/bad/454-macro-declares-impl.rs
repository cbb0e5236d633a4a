// hazard: clock - a macro of the file implements a trait
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Stamp { fn stamp(&self) -> u64; }
struct A;
struct B;
macro_rules! stamped { ($($t:ty),*) => { $(impl Stamp for $t { fn stamp(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } })* }; }
stamped!(A, B);

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> { Ok(B.stamp() + input) } //~ clock

fn main() {}
