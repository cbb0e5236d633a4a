// trap: a user's Iterator and IntoIterator
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Pages(u32);
impl Iterator for Pages { type Item = u32; fn next(&mut self) -> Option<u32> { self.0 = self.0.checked_sub(1)?; Some(self.0) } }
struct All(Vec<u32>);
impl IntoIterator for All { type Item = u32; type IntoIter = std::vec::IntoIter<u32>; fn into_iter(self) -> Self::IntoIter { self.0.into_iter() } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut n = 0;
    for p in Pages(input) { n += p; }
    for p in All(vec![1]) { n += p; }
    Ok(n + Pages(3).map(|p| p * 2).sum::<u32>())
}

fn main() {}
