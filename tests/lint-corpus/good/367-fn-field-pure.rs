// trap: a struct of pure functions
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Rules { fee: fn(u32) -> u32, name: &'static str }
const RULES: [Rules; 2] = [Rules { fee: ten, name: "ten" }, Rules { fee: |n| n / 5, name: "five" }];
fn ten(n: u32) -> u32 { n / 10 }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n: u32 = RULES.iter().map(|r| (r.fee)(input)).sum();
    Ok(n + RULES[0].name.len() as u32)
}

fn main() {}
