// trap: iterators of helpers over maps, whose order does not matter
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
struct Cart { lines: HashMap<String, u32> }
impl Cart { fn amounts(&self) -> impl Iterator<Item = u32> + '_ { self.lines.values().copied() } }
fn due(m: &HashMap<String, u32>) -> impl Iterator<Item = (&String, &u32)> { m.iter().filter(|(_, v)| **v > 0) }
fn boxed(m: &HashMap<String, u32>) -> Box<dyn Iterator<Item = u32> + '_> { Box::new(m.values().copied()) }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = Cart { lines: HashMap::from([("a".to_string(), input)]) };
    let total: u32 = c.amounts().sum();
    let top = c.amounts().filter(|n| *n > 1).max().unwrap_or(0);
    let n = due(&c.lines).count() + boxed(&c.lines).count();
    let mut names: Vec<_> = due(&c.lines).collect();
    names.sort();
    let set: BTreeSet<u32> = boxed(&c.lines).collect();
    let mut sum = 0u32;
    for v in boxed(&c.lines) { sum += v; }
    Ok(total + top + n as u32 + names.len() as u32 + set.len() as u32 + sum)
}

fn main() {}
