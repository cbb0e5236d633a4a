// hazard: clock - a macro of the file declares the function
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! getter { ($name:ident, $e:expr) => { fn $name() -> u64 { $e } }; }
getter!(stamp, std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()));

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> { Ok(stamp() + input) } //~ clock

fn main() {}
