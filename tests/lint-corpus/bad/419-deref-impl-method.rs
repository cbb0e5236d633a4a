// hazard: clock - auto-deref to a method through Deref that reads the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::ops::Deref;
struct Cfg(Vec<u32>);
impl Deref for Cfg { type Target = Vec<u32>; fn deref(&self) -> &Vec<u32> { let _ = std::time::Instant::now(); &self.0 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = Cfg(vec![input]);
    let n = c.len(); //~ clock
    Ok(n as u32)
}

fn main() {}
