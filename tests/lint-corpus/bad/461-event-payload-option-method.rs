// hazard: clock - method of an event's payload with a timeout
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Paid { at: u64 }
impl Paid { fn age(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) - self.at } }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let Some(paid) = wait_for_event::<Paid>("paid", "order.paid").matching("id", &input).timeout(std::time::Duration::from_secs(9)).await? else { return Ok(0) };
    Ok(paid.age()) //~ clock
}

fn main() {}
