// hazard: clock - method of a child's result
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Quote { at: u64 }
impl Quote { fn fresh(&self) -> bool { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) < self.at } }
#[workflow]
async fn quote(n: u64) -> WorkflowResult<Quote> { Ok(Quote { at: n }) }

#[workflow]
async fn w(input: u64) -> WorkflowResult<bool> {
    let q = invoke("quote", quote, input).await?;
    Ok(q.fresh()) //~ clock
}

fn main() {}
