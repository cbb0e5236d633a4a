// trap: macros of several arms and repetition
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! sum { () => { 0u64 }; ($a:expr $(, $rest:expr)*) => { $a + sum!($($rest),*) }; }
macro_rules! elapsed { ($s:expr) => { $s.elapsed() }; }
struct Lap(u64);
impl Lap { fn elapsed(&self) -> u64 { self.0 } }
macro_rules! getter { ($name:ident, $e:expr) => { fn $name() -> u64 { $e } }; }
getter!(now, 17);

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let lap = Lap(input);
    Ok(sum!(1, 2, input) + elapsed!(lap) + now())
}

fn main() {}
