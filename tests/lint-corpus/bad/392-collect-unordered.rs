// hazard: select - collected into FuturesUnordered by annotation
// needs: futures
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use futures::stream::FuturesUnordered;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let all: FuturesUnordered<_> = (0..input).map(std::future::ready).collect(); //~ select
    Ok(all.len() as u32)
}

fn main() {}
