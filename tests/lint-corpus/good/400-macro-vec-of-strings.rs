// trap: own macros that make maps and structs
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::BTreeMap;
macro_rules! map { ($($k:literal => $v:expr),* $(,)?) => {{ let mut m = BTreeMap::new(); $(m.insert($k, $v);)* m }}; }
macro_rules! point { ($x:expr) => { point!($x, 0) }; ($x:expr, $y:expr) => { Point { x: $x, y: $y } }; }
struct Point { x: u32, y: u32 }
macro_rules! ensure { ($c:expr, $($arg:tt)*) => { if !$c { return Err(WorkflowError::msg(format!($($arg)*))); } }; }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    ensure!(input > 1, "too small: {}", input);
    let m = map! { "a" => 1u32, "b" => input };
    let p = point!(m["a"]);
    Ok(p.x + p.y + m.len() as u32)
}

fn main() {}
