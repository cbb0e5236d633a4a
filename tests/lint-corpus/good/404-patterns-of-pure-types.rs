// trap: or-patterns, slices and @ over pure types
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct P(u32);
impl P { fn read(&self) -> u32 { self.0 } }
struct Q(u32);
impl Q { fn read(&self) -> u32 { std::process::id() } }
enum S { A(P), B(P), C(Q) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = if input > 1 { S::A(P(1)) } else { S::B(P(2)) };
    let n = match s { S::A(p) | S::B(p) => p.read(), S::C(q) => q.0 };
    let all = vec![P(n), P(2)];
    if let [first, .., last @ P(_)] = all.as_slice() { return Ok(first.read() + last.read()); }
    Ok(n)
}

fn main() {}
