// trap: macro looks up in a map
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
macro_rules! get { ($m:expr, $k:expr) => { $m.get($k).copied().unwrap_or_default() }; }

#[workflow]
async fn w(input: HashMap<String, u32>) -> WorkflowResult<u32> { Ok(get!(input, "a") + get!(&input, "b")) }

fn main() {}
