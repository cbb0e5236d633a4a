// trap: lookup only map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m: std::collections::HashMap<&str, u32> = [("a", input)].into();
    if m.contains_key("a") && m.len() == 1 {
        return Ok(m["a"]);
    }
    Ok(m.get("b").copied().unwrap_or(0))
}

fn main() {}
