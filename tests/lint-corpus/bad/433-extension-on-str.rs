// hazard: io - an extension trait on str and String
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Load { fn load(&self) -> String; }
impl Load for str { fn load(&self) -> String { std::fs::read_to_string(self).unwrap_or_default() } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a = "x.txt".load(); //~ io
    let p = String::from("y");
    let b = p.load(); //~ io
    Ok(input + a.len() as u32 + b.len() as u32)
}

fn main() {}
