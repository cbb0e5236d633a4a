// trap: impl AsRef<str> with own exists
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
fn has(p: impl AsRef<str>) -> bool { p.as_ref().is_empty() }
struct Tree;
impl Tree { fn exists(&self) -> bool { true } }
impl AsRef<Tree> for Tree { fn as_ref(&self) -> &Tree { self } }
fn present(t: impl AsRef<Tree>) -> bool { t.as_ref().exists() }

#[workflow]
async fn w(input: String) -> WorkflowResult<bool> { Ok(has(&input) && present(Tree)) }

fn main() {}
