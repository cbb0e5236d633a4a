// hazard: random - an own Sum draws
// needs: rand
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Clone, Copy)]
struct Cents(u32);
impl std::iter::Sum for Cents { fn sum<I: Iterator<Item = Cents>>(i: I) -> Self { Cents(i.map(|c| c.0).sum::<u32>() + rand::random::<u32>() % 2) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let total: Cents = [Cents(1), Cents(input)].into_iter().sum(); //~ random
    Ok(total.0)
}

fn main() {}
