// trap: dyn traits with one bad and one good impl, typed by construction
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Sink { fn put(&mut self, n: u32) -> u32; }
struct Disk; struct Memory(Vec<u32>);
impl Sink for Disk { fn put(&mut self, n: u32) -> u32 { std::fs::write("x", n.to_string()).is_ok() as u32 } }
impl Sink for Memory { fn put(&mut self, n: u32) -> u32 { self.0.push(n); self.0.len() as u32 } }
fn fill(s: &mut dyn Sink, n: u32) -> u32 { s.put(n) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m = Memory(vec![]);
    let a = fill(&mut m, input);
    let mut b: Box<dyn Sink> = Box::new(Memory(vec![]));
    Ok(a + b.put(1))
}

fn main() {}
