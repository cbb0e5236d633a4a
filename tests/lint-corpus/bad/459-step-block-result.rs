// hazard: clock - method of a step's block result
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Token { issued: u64 }
impl Token { fn age(&self) -> u64 { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) - self.issued } }

#[workflow]
async fn w(input: u64) -> WorkflowResult<u64> {
    let token = step!("login", {
        let issued = input + 1;
        Token { issued }
    }).await?;
    Ok(token.age()) //~ clock
}

fn main() {}
