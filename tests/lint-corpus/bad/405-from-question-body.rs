// hazard: random - ? in an async block converts with a From that draws an ID
// needs: uuid
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Traced(String);
impl From<std::fmt::Error> for Traced { fn from(_: std::fmt::Error) -> Self { Traced(uuid::Uuid::new_v4().to_string()) } }
fn render(n: u32) -> Result<String, std::fmt::Error> { Ok(n.to_string()) }
fn label(n: u32) -> Result<String, Traced> { Ok(render(n)? + "!") }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let l = label(input); //~ random
    Ok(l.map(|l| l.len() as u32).unwrap_or(0))
}

fn main() {}
