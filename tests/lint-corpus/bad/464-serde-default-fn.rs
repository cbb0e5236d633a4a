// hazard: clock - serde default function is called by from_str
// needs: serde_json
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(serde::Deserialize)]
struct Order { id: u32, #[serde(default = "today")] at: u64 }
fn today() -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) }

#[workflow]
async fn w(input: String) -> WorkflowResult<u64> {
    let order: Order = serde_json::from_str(&input)?; //~ clock
    Ok(order.at + u64::from(order.id))
}

fn main() {}
