// trap: own exists
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Cart {
    items: Vec<u32>,
}
impl Cart {
    fn exists(&self) -> bool {
        !self.items.is_empty()
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = Cart { items: vec![input] };
    Ok(u32::from(c.exists()))
}

fn main() {}
