// hazard: env - parse::<T>() of a user's FromStr reads the environment
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Region(String);
impl std::str::FromStr for Region { type Err = std::convert::Infallible; fn from_str(s: &str) -> Result<Self, Self::Err> { Ok(Region(std::env::var(s).unwrap_or_default())) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let r: Region = "REGION".parse().unwrap(); //~ env
    Ok(input + r.0.len() as u32)
}

fn main() {}
