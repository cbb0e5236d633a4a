// hazard: io - io to socket addrs
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
use std::net::ToSocketAddrs;

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let n = ("localhost", 80).to_socket_addrs().map_or(0, |a| a.count()); //~ io
    Ok(input + n as u32)
}

fn main() {}
