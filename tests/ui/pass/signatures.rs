//! What a workflow may take and return.
#![deny(warnings)]

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Order {
    id: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Declined;

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("declined")
    }
}

#[derive(Serialize, Deserialize)]
struct SearchResult;

#[workflow]
async fn no_input() -> u32 {
    1
}

#[workflow]
async fn no_output(n: u32) {
    step!("a", n).await.ok();
}

#[workflow]
async fn pattern(Order { id }: Order) -> WorkflowResult<Order> {
    Ok(Order { id })
}

#[workflow]
async fn tuple((a, mut b): (u32, u32)) -> WorkflowResult<(u32, u32)> {
    b += a;
    Ok((a, b))
}

#[workflow]
async fn serde_error(_: u32) -> Result<u32, Declined> {
    Err(Declined)
}

#[workflow]
async fn std_error(n: u32) -> std::io::Result<u32> {
    if n > 1 {
        Err(std::io::Error::other("no"))?;
    }
    Ok(n)
}

#[workflow]
async fn text_error(n: u32) -> Result<u32, String> {
    let n = step!("a", n).await.map_err(|error| error.to_string())?;
    if n > 1 { Err("no".to_owned()) } else { Ok(n) }
}

#[workflow]
async fn static_text_error(n: u32) -> Result<u32, &'static str> {
    if n > 1 { Err("no") } else { Ok(n) }
}

#[workflow]
async fn boxed_error(n: u32) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    Ok(step!("a", n).await?)
}

#[workflow]
async fn named_like_a_result(_: u32) -> SearchResult {
    SearchResult
}

#[workflow]
async fn never_returns(n: u32) -> u32 {
    let _ = n;
    panic!("no")
}

fn main() {
    #[workflow]
    async fn in_a_function(n: u32) -> u32 {
        n
    }
    let _ = in_a_function;
}
