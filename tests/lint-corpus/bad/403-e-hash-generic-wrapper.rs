// hazard: hash-order - Cache<K, V> with a map inside
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
struct Cache<K, V> { m: HashMap<K, V> }
impl<K: Clone, V> Cache<K, V> { fn keys(&self) -> Vec<K> { self.m.keys().cloned().collect() } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c: Cache<String, u32> = Cache { m: HashMap::new() };
    let k = c.keys(); //~ hash-order
    Ok(input + k.len() as u32)
}

fn main() {}
