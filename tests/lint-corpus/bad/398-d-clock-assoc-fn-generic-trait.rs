// hazard: clock - T::stamp() in a generic helper called with inference
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Stamp { fn stamp(&self) -> u64; }
struct Order(u32);
impl Stamp for Order { fn stamp(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) } }
fn newest<T: Stamp>(items: &[T]) -> u64 { items.iter().map(|i| i.stamp()).max().unwrap_or(0) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = newest(&[Order(input)]); //~ clock
    Ok(n as u32)
}

fn main() {}
