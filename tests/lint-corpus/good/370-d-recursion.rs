// trap: recursive helper over a tree
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
enum Tree { Leaf(u32), Node(Vec<Tree>) }
fn total(t: &Tree) -> u32 { match t { Tree::Leaf(n) => *n, Tree::Node(v) => v.iter().map(total).sum() } }
fn walk<'a>(t: &'a Tree) -> Box<dyn Iterator<Item = u32> + 'a> { match t { Tree::Leaf(n) => Box::new(std::iter::once(*n)), Tree::Node(v) => Box::new(v.iter().flat_map(walk)) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = Tree::Node(vec![Tree::Leaf(input), Tree::Leaf(2)]);
    Ok(total(&t) + walk(&t).sum::<u32>())
}

fn main() {}
