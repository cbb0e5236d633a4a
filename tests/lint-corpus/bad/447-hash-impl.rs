// hazard: random - a HashMap key whose Hash draws
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
#[derive(PartialEq, Eq)]
struct K(u32);
impl Hash for K { fn hash<H: Hasher>(&self, h: &mut H) { (self.0 ^ rand::random::<u32>()).hash(h) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m: HashMap<K, u32> = HashMap::new();
    m.insert(K(1), input); //~ random
    Ok(m.len() as u32)
}

fn main() {}
