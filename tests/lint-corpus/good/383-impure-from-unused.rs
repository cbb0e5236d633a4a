// trap: an impure From of one source, used with a pure one; ? and .into() and From::from
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::SystemTime;
enum Source { At(SystemTime), Text(String), Number(u32) }
impl From<()> for Source { fn from(_: ()) -> Self { Source::At(SystemTime::now()) } }
impl From<u32> for Source { fn from(n: u32) -> Self { Source::Number(n) } }
impl From<&str> for Source { fn from(t: &str) -> Self { Source::Text(t.into()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a = Source::from(input);
    let b: Source = "x".into();
    let c: Source = input.into();
    Ok(match a { Source::Number(n) => n, _ => 0 })
}

fn main() {}
