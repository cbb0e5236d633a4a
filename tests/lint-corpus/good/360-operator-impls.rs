// trap: pure Add, Index and Deref
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Money(u32);
impl std::ops::Add for Money { type Output = Money; fn add(self, o: Money) -> Money { Money(self.0 + o.0) } }
impl std::ops::Index<usize> for Money { type Output = u32; fn index(&self, _: usize) -> &u32 { &self.0 } }
impl std::ops::Deref for Money { type Target = u32; fn deref(&self) -> &u32 { &self.0 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m = Money(input) + Money(1);
    Ok(m[0] + *m)
}

fn main() {}
