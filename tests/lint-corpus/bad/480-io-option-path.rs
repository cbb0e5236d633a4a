// hazard: io - exists on an optional path's parent
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::path::{Path, PathBuf};
struct Config { dir: Option<PathBuf> }
impl Config { fn ready(&self) -> bool { self.dir.as_deref().and_then(Path::parent).is_some_and(Path::exists) } }

#[workflow]
async fn w(input: String) -> WorkflowResult<bool> {
    let config = Config { dir: Some(input.into()) };
    Ok(config.ready()) //~ io
}

fn main() {}
