// trap: extension traits on str, Vec, Iterator and u32, pure, beside impure ones of the same method on others
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Words { fn words(&self) -> Vec<&str>; }
impl Words for str { fn words(&self) -> Vec<&str> { self.split(' ').collect() } }
trait Total { fn total(&self) -> u32; }
impl Total for [u32] { fn total(&self) -> u32 { self.iter().sum() } }
struct Remote;
impl Total for Remote { fn total(&self) -> u32 { std::fs::read("x").map_or(0, |b| b.len() as u32) } }
trait Evens: Iterator<Item = u32> + Sized { fn evens(self) -> Vec<u32> { self.filter(|n| n % 2 == 0).collect() } }
impl<I: Iterator<Item = u32>> Evens for I {}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let v = vec![1, input];
    Ok(v.total() + "a b".words().len() as u32 + (0..input).evens().len() as u32)
}

fn main() {}
