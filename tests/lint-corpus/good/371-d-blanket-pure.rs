// trap: a pure blanket extension trait, and a bad trait of another method
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Pipe: Sized { fn pipe<R>(self, f: impl FnOnce(Self) -> R) -> R { f(self) } }
impl<T> Pipe for T {}
trait Aged { fn aged(&self) -> u64; }
impl<T> Aged for T { fn aged(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input.pipe(|n| n + 1))
}

fn main() {}
