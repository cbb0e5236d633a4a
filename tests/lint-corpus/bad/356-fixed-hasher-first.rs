// hazard: hash-order - fixed hasher first
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Clone, Default)]
struct Fx(u64);
impl std::hash::Hasher for Fx {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(5) ^ u64::from(*byte);
        }
    }
}
type FxMap<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<Fx>>;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut m: FxMap<u32, u32> = FxMap::default();
    m.insert(1, input);
    let k = m.keys().next().copied(); //~ hash-order
    Ok(k.unwrap_or(0))
}

fn main() {}
