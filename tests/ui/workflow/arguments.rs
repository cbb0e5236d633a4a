use std::time::Duration;

use owf_runtime::prelude::*;

#[workflow(nmae = "process-order", retries = 3)]
async fn unknown(n: u32) -> u32 {
    n
}

#[workflow(name = "a", name = "b")]
async fn twice(n: u32) -> u32 {
    n
}

#[workflow(name = 5, retries = "3", backoff = 30, crate = "owf_runtime")]
async fn badly_typed(n: u32) -> u32 {
    n
}

#[workflow(name = "", retries = -1)]
async fn out_of_range(n: u32) -> u32 {
    n
}

#[workflow(name, backoff)]
async fn without_value(n: u32) -> u32 {
    n
}

#[workflow("process-order")]
async fn no_list(n: u32) -> u32 {
    n
}

#[workflow(backoff = Duration::from_secs(1))]
async fn fine(n: u32) -> u32 {
    n
}

fn main() {
    let _ = (unknown, twice, badly_typed, out_of_range, without_value, no_list, fine);
}
