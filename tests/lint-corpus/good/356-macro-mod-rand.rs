// trap: a macro declares modules and the path starts with self or crate
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! stubs { ($($m:ident => $n:expr),*) => { $(mod $m { pub fn random() -> u32 { $n } })* } }
stubs!(rand => 4, dice => 5);

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(rand::random() + dice::random() + crate::rand::random() + input)
}

fn main() {}
