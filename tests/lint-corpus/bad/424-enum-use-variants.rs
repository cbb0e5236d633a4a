// hazard: io - an enum's method through Self:: and use Store::*
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
enum Store { Disk(String), Mem }
use Store::*;
impl Store { fn load(&self) -> String { match self { Disk(p) => Self::read(p), Mem => String::new() } } fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap_or_default() } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = Disk("x".into());
    let t = s.load(); //~ io
    Ok(input + t.len() as u32)
}

fn main() {}
