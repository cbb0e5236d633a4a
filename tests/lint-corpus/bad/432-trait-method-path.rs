// hazard: clock - Trait::method(&x)
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Age { fn age(&self) -> u64; }
struct Job(std::time::Instant);
impl Age for Job { fn age(&self) -> u64 { self.0.elapsed().as_secs() } }
fn oldest(all: &[Job]) -> u64 { all.iter().map(Age::age).max().unwrap_or(0) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + oldest(&[]) as u32) //~ clock
}

fn main() {}
