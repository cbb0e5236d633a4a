// hazard: random - ? over an own fn's error in the workflow's own error
// needs: serde, uuid
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Low(u32);
impl std::fmt::Display for Low { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "low") } }
impl std::error::Error for Low {}
#[derive(Debug)]
struct Api { trace: String }
impl std::fmt::Display for Api { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}", self.trace) } }
impl std::error::Error for Api {}
impl From<Low> for Api { fn from(_: Low) -> Self { Api { trace: uuid::Uuid::new_v4().to_string() } } }
fn limit(n: u32) -> Result<u32, Low> { if n < 3 { Err(Low(n)) } else { Ok(n) } }
fn checked(n: u32) -> Result<u32, Api> { let n = limit(n)?; Ok(n) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(checked(input)?) //~ random
}

fn main() {}
