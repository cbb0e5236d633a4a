// trap: methods of the same name on a foreign and an own type
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Path2 { parts: Vec<String> }
impl Path2 { fn join(&self, p: &str) -> Path2 { let mut parts = self.parts.clone(); parts.push(p.into()); Path2 { parts } } fn exists(&self) -> bool { self.parts.len() > 1 } fn iter(&self) -> impl Iterator<Item = &String> { self.parts.iter() } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let p = Path2 { parts: vec![] }.join("a");
    let q = std::path::Path::new("a").join("b");
    let names: Vec<_> = p.iter().collect();
    Ok(p.exists() as u32 + q.components().count() as u32 + names.len() as u32 + input)
}

fn main() {}
