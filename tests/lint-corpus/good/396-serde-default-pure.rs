// trap: pure serde default; the impure one is of another type
// needs: serde_json
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(serde::Deserialize)]
struct Order { id: u32, #[serde(default = "one")] n: u64, #[serde(default)] m: u32 }
fn one() -> u64 { 1 }
#[derive(serde::Deserialize)]
struct Other { #[serde(default = "today")] at: u64 }
fn today() -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) }

#[workflow]
async fn w(input: String) -> WorkflowResult<u64> {
    let order: Order = serde_json::from_str(&input)?;
    let at = step!("other", { serde_json::from_str::<Other>(&input)?.at }).await?;
    Ok(order.n + at)
}

fn main() {}
