// hazard: env - deterministic env
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;

#[deterministic]
fn w(input: u32) -> u32 {
    std::env::args().count() as u32 + input //~ env
}

fn main() {}
