// trap: own env module
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
mod env {
    pub fn var(name: &str) -> u32 {
        name.len() as u32
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(input + env::var("A"))
}

fn main() {}
