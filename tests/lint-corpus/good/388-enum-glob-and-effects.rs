// trap: an enum's variants by glob, effects of another module in a step
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Debug, Clone, PartialEq)]
enum Level { Low, High(u32) }
use Level::*;
fn level(n: u32) -> Level { if n > 3 { High(n) } else { Low } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = step!("now", std::time::SystemTime::now()).await?;
    Ok(match level(input) { Low => 0, High(n) => n } + u32::from(t > std::time::UNIX_EPOCH))
}

fn main() {}
