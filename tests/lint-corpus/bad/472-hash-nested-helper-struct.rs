// hazard: hash-order - struct method collects from a nested map of sets
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::{HashMap, HashSet};
#[derive(Default)]
struct Graph { edges: HashMap<u32, HashSet<u32>> }
impl Graph {
    fn add(&mut self, a: u32, b: u32) { self.edges.entry(a).or_default().insert(b); }
    fn next(&self, a: u32) -> Vec<u32> { self.edges.get(&a).map(|s| s.iter().copied().collect()).unwrap_or_default() }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<Vec<u32>> {
    let mut graph = Graph::default();
    for n in 0..input { graph.add(0, n); }
    Ok(graph.next(0)) //~ hash-order
}

fn main() {}
