// hazard: clock - blanket extension trait
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Ext { fn aged(&self) -> u32; }
impl<T: Into<u32> + Copy> Ext for T { fn aged(&self) -> u32 { (*self).into() + std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.subsec_nanos()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input.aged()) //~ clock
}

fn main() {}
