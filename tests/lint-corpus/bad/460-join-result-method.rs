// hazard: clock - method of a value from join!
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Token { issued: u64 }
impl Token { fn age(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) - self.issued } }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let (a, b) = join!(step!("a", { Token { issued: input } }), step!("b", { input })).await;
    Ok(a?.age() + b?) //~ clock
}

fn main() {}
