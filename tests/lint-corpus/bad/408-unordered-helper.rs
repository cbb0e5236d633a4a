// hazard: select - a helper returns a FuturesUnordered
// needs: futures
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use futures::stream::{FuturesUnordered, StreamExt};
async fn fetch(n: u32) -> u32 { n }
fn calls(n: u32) -> FuturesUnordered<impl std::future::Future<Output = u32>> { (0..n).map(fetch).collect() }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut all = calls(input); //~ select
    let first = step!("first", input).await?;
    Ok(first + all.len() as u32)
}

fn main() {}
