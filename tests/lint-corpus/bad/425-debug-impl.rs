// hazard: random - an own Debug in {:?}
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::fmt;
struct Secret;
impl fmt::Debug for Secret { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", rand::random::<u8>()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = format!("{:?}", Some(Secret)); //~ random
    Ok(input + s.len() as u32)
}

fn main() {}
